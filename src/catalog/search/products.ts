/** What well-known products are for: their servers do not say it, because everybody knows. */

const PRODUCTS = `
airtable: spreadsheet base table record row
algolia: search index
asana: task project to-do
atlassian: issue ticket wiki
auth0: login user authentication
aws: cloud
azure: cloud
bigquery: sql database warehouse
bitbucket: code repository git pull request
box: file storage
brave: web internet search
browserbase: browser web page
circleci: build pipeline ci job
clickup: task project
cloudflare: domain dns worker
confluence: wiki page document
datadog: monitor metrics alert logs
discord: chat message channel
docker: container image
dropbox: file storage
duckduckgo: web internet search
elasticsearch: search index document
exa: web internet search
fetch: web url page
figma: design
filesystem: file folder directory disk computer local
firebase: database app
firecrawl: web page scrape crawl
freshdesk: support ticket
gcp: cloud
git: repository commit branch code
github: code repository git issue pull request
gitlab: code repository git issue merge request pipeline
gmail: mail email inbox
grafana: dashboard metrics alert
heroku: app deployment
hubspot: crm contact customer deal
intercom: support customer chat
jenkins: build pipeline ci job
jira: issue ticket sprint
kubernetes: cluster pod container deployment
linear: issue ticket
mailchimp: mail newsletter campaign
memory: remember knowledge note fact
mongodb: database document collection query
mysql: sql database table query
neon: sql postgres database
netlify: site deployment
notion: wiki page note document
obsidian: note document
onedrive: file storage
outlook: mail email calendar
pagerduty: incident alert
paypal: payment invoice
perplexity: web internet search
playwright: browser web page
postgres: sql database table query
postman: api request
puppeteer: browser web page
redis: cache key database
resend: mail email
salesforce: crm contact customer
sentry: error issue crash
serper: web internet search
shopify: shop order product
slack: chat message channel team
snowflake: sql database warehouse
spotify: music song playlist
sqlite: sql database table query
stripe: payment invoice customer subscription
supabase: sql database
tavily: web internet search
teams: chat message meeting
telegram: chat message
todoist: task to-do list
trello: board card task
twilio: sms phone message
vercel: site deployment
whatsapp: chat message
youtube: video
zapier: automation
zendesk: support ticket
zoom: meeting video
`

const TABLE: ReadonlyMap<string, string> = new Map(
  PRODUCTS.trim()
    .split('\n')
    .map((line) => line.split(': ') as [string, string]),
)

/** What the products that a server is named after are for. */
export function productWords(serverWords: readonly string[]): string {
  return serverWords
    .map((word) => TABLE.get(word) ?? '')
    .join(' ')
    .trim()
}
