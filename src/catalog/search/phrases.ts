/** Turns of phrase and abbreviations that mean a word which tools are named by. */

/** What is said, and what is meant: words that mean the same, and after a `+` a further thing that is meant at once. */
const PHRASES = `
pr: pull + request
prs: pull + request
mr: merge + request
ci: pipeline build
msg: message
dm: direct + message
dir: directory
img: image
pic: image
to do: task
to dos: task
who: user author member
why: explain describe error failure
where: location path
when: date time
what is in: list content
what is inside: list content
what is on: list
are there: list
do i have: list
how many: count
how much: count size amount
how big: size
how large: size
how far: distance
how long: duration distance
what time: time
get rid of: delete remove
throw away: delete
throw out: delete
take away: remove
take down: delete stop
take out: remove
cross off: complete
check off: complete
tick off: complete
carry out: run
kick off: start run
set off: start
start over: restart
set up: create configure install
bring up: start show
spin up: create start
shut down: stop
turn on: enable
turn off: disable
switch on: enable
switch off: disable
look up: search find get
look for: search find
look into: inspect get
look at: view get
find out: get search
work out: compute
write down: create note
note down: create note
jot down: create note
put back: restore reopen
bring back: restore reopen
take back: undo revert
roll back: rollback undo
go back: back previous
go to: navigate open
log in: login authenticate connect
sign in: login authenticate connect
log out: logout disconnect
sign out: logout disconnect
sign up: register create
fill in: fill
fill out: fill
hand over: transfer assign
pass on: forward send
send out: send
back up: backup export
up to date: update sync
clean up: cleanup delete
tidy up: cleanup organize
break down: group
sum up: summarize
hold on: wait
pull up: show get
`

/** By the words of the phrase, joined by spaces: each thing that is meant, as words that mean the same. */
export function phraseTable(): ReadonlyMap<string, readonly (readonly string[])[]> {
  return new Map(
    PHRASES.trim()
      .split('\n')
      .map((line) => {
        const [said = '', meant = ''] = line.split(': ')
        return [said, meant.split(' + ').map((words) => words.split(' '))]
      }),
  )
}
