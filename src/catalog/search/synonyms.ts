/** Words that people and servers use for the same thing: a word of a query also finds, with less weight, the others of its group. */
import { stem } from './stem.ts'

/** Groups of words that mean the same. A word may stand in several groups; groups do not run together. */
const SAME = `
create make build generate compose, create new add, delete remove erase destroy purge, delete drop wipe discard trash,
update edit change modify alter adjust revise, get read fetch retrieve obtain, show view display print, list enumerate,
search find lookup locate discover seek, send deliver transmit, post publish, notify tell inform announce,
run execute launch trigger invoke perform, start begin launch, stop halt abort terminate kill, finish complete accomplish done,
close end, undo revert rollback, restore recover, retry rerun repeat, move relocate transfer, rename retitle,
copy duplicate clone fork replicate, save store keep persist, check verify validate, test try,
analyze inspect examine diagnose investigate, describe explain, connect link join, connect attach,
login authenticate auth signin, disconnect logout, wait pause sleep delay, press click tap, type enter,
answer reply respond response, approve accept confirm, reject decline refuse deny, merge combine, summarize summary digest,
count number amount, sum total, calculate compute, group aggregate, scale resize, install setup, switch toggle,
select choose pick, option choice, compress zip gzip, invite invitation, schedule plan arrange book, remember memorize,
translate convert, monitor watch observe track, subscribe follow, log record, error failure fail exception, bug defect issue,
issue ticket, fix repair mend, slow performance, folder directory, file document, picture image photo screenshot, icon logo,
video clip movie film, audio sound, email mail, message chat, comment remark annotation note, review feedback, emoji reaction,
repository repo, commit changeset, task todo, label tag category, user person people member, account user,
participant attendee guest, colleague collaborator member, company organization, table spreadsheet sheet, row record entry,
column field, property attribute, database db datastore, collection table, schema structure, site website webpage,
web internet online, url link address, browser tab window, dialog popup alert prompt modal, event meeting appointment,
calendar agenda schedule, time date clock, free available busy availability, place location spot,
restaurant cafe coffee shop store business, coordinate latitude longitude position, direction route, height elevation altitude,
pipeline build ci workflow job, artifact binary, flaky unstable intermittent, config configuration setting preference option,
environment env variable, kubernetes k8s cluster, machine node server host instance, shell command terminal,
token credential password secret, news headline, article story, library package module framework,
documentation doc docs manual guide reference, size space storage disk, permission access right, tree hierarchy, graph network,
javascript js script, accessibility a11y, color colour, rule filter, sort order, batch bulk, multiple several many,
hidden private, parent above, question query, important urgent priority, previous prior back, recent latest last newest,
history past, deadline due, namespace scope, recursive nested, pay payment charge, price cost fee, invoice bill,
customer client, order purchase, phone telephone, contact address, employee staff, statistics stats metrics analytics,
alert alarm notification, webhook hook callback, blog article, milestone epic, compare diff difference, pull sync,
example sample snippet, simulate emulate mock, limit throttle quota, memory heap, subscription plan, shipment parcel package,
money balance amount, weather forecast, text sms, csv spreadsheet, heading title, group category, assignee owner, vote poll,
team squad, plugin extension addon, variable parameter argument, ask question, alive ping health
`

/** Groups of words that are often meant by one another. */
const NEAR = `
create insert register provision start open draft, add append insert attach, delete cancel clear forget dismiss revoke,
remove uninstall detach unlink, update set patch replace rename, replace overwrite substitute,
get load open show see view list download, show list get, content text body inside, list browse all every which exist overview,
search query filter match look, send post publish write submit mail message, run start call test kick,
stop cancel quit close shutdown, finish resolve close end, complete close, reopen restore undo back, restart retry,
move rename put shift, copy backup, save write download export create, export dump download extract backup,
upload attach import file, check status state health, check test lint, describe detail info information about metadata help,
info metadata detail property, connect login relate associate, wait until, press key keyboard shortcut, type fill input write,
fill form input, answer comment message, approve review allow, merge land integrate, deploy apply release rollout ship install,
switch select change context set, select dropdown, share invite permission collaborate, assign owner, schedule create calendar,
remember store save memory observation note, parse format convert, echo repeat say, navigate go visit open browse url,
scroll swipe, hover mouse pointer move, drag drop, follow stream tail watch, log output console trace print, log history event,
error problem bug crash break broken wrong log, fix resolve solve, slow explain profile optimize index,
path directory file location, screenshot snapshot capture, email inbox message, message text post dm,
chat conversation thread channel discussion, channel room, comment reply feedback, note fact observation, reaction like,
repository project, code source function, change diff commit revision, file change diff, commit push, task item list,
label folder mark, mark flag label, user who profile author, author commit write, workspace team organization,
record document item, document page, schema field column type, page site document wiki article note, tab page,
button link element, element component, input field, meeting call, today current date day time, now current,
nearby local around, shop place, map geo gps location coordinate, drive travel direction distance,
distance far long duration travel, pipeline deployment, output result artifact, test check suite result,
cluster context namespace, pod container, resource kind type object, machine resource cpu memory, shell exec bash,
port forward tunnel localhost, release version deployment, release chart helm, dependency library, size big large resource,
allow permission access, relation connection link edge, network http request call, snapshot accessibility tree,
dark light theme color mode media, viewport screen window size, inbox rule, many bulk batch, trash archive, attachment file,
draft prepare compose, child children nested inner below under, block paragraph section text, research report study,
website crawl scrape, extract scrape crawl, answer result, invitation event rsvp respond, next upcoming future, old stale,
google bing search web, pdf document file, screen display, usage statistics report, backup snapshot, session login,
board sprint, checkout clone, tag release, crash issue, comment post, stats size status, payment invoice subscription,
contact person customer, domain dns, phone call, feature flag, record video, ask search query, look see view browse,
rate star score, owner user, guest user, cost usage, traffic network, query sql select, migration schema
`

/** How much of a hit for the word itself a hit for another word of the group is worth. */
const SAME_WEIGHT = 0.7
const NEAR_WEIGHT = 0.55

export type Synonyms = ReadonlyMap<string, ReadonlyMap<string, number>>

/** By stem: the stems of the other words of its groups, and what they are worth. */
export function synonymTable(same = SAME_WEIGHT, near = NEAR_WEIGHT): Synonyms {
  const table = new Map<string, Map<string, number>>()
  relate(table, NEAR, near)
  relate(table, SAME, same)
  return table
}

function relate(table: Map<string, Map<string, number>>, groups: string, weight: number): void {
  for (const group of groups.trim().split(/,\s/)) {
    const stems = [...new Set(group.split(' ').map(stem))]
    for (const word of stems) {
      const others = table.get(word) ?? new Map<string, number>()
      for (const other of stems) if (other !== word) others.set(other, weight)
      table.set(word, others)
    }
  }
}
