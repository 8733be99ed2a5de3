/** Makes up plausible servers, among which an evaluation hides the real ones: a crowd for a search to find its way in. */
import type { ServerTools, Tool } from '../../tool.ts'

/** A trade: what one of its servers may be called, and the things that its tools handle. */
const AREAS: readonly (readonly [servers: string, things: string])[] = [
  ['leadwise salesdeck', 'contact deal company pipeline_stage sales_note quote'],
  ['helpline deskflow', 'ticket agent macro satisfaction_rating queue'],
  ['ledgerly', 'invoice bill payment tax_rate journal_entry vendor'],
  ['peopleware', 'employee leave_request payslip department job_opening candidate'],
  ['shopfront', 'order product cart discount_code customer inventory_level'],
  ['parcelo', 'shipment tracking_number carrier pickup customs_form'],
  ['homecore', 'light thermostat scene sensor doorbell automation'],
  ['metricly watchpost', 'dashboard metric alert_rule silence heartbeat'],
  ['zonefile', 'dns_record zone certificate nameserver redirect_rule'],
  ['cloudbox', 'file folder shared_link file_version quota file_comment'],
  ['streamhub', 'video playlist subscriber caption livestream'],
  ['askaround', 'survey survey_question response audience'],
  ['adwheel', 'campaign ad_group keyword creative audience_segment'],
  ['chirper', 'post follower hashtag direct_message trending_topic'],
  ['stayfinder', 'hotel room_booking guest review rate_plan'],
  ['brickline', 'listing property viewing mortgage_offer'],
  ['medivault', 'patient prescription lab_result appointment_slot allergy'],
  ['stridelog', 'workout heart_rate_zone sleep_record step_goal'],
  ['lexfile', 'case contract clause court_date'],
  ['classroomly', 'course assignment student grade lesson'],
  ['stackroom', 'book loan reservation author shelf'],
  ['depot', 'stock_item warehouse purchase_order bin supplier'],
  ['fleetline', 'vehicle driver trip fuel_log maintenance_job'],
  ['coverwell', 'policy claim premium beneficiary'],
  ['bankbridge', 'account transaction standing_order card statement'],
  ['coinlook', 'wallet token_price swap staking_position'],
  ['podcaster', 'episode show transcript feed'],
  ['pantry', 'recipe ingredient meal_plan'],
  ['lightroomer', 'photo album face_tag camera_profile'],
  ['warehouse_sql', 'query_job dataset table_partition materialized_view'],
  ['busline', 'topic consumer_group partition dead_letter'],
  ['flagship', 'feature_flag segment experiment rollout_rule'],
  ['vaulted', 'secret access_policy lease audit_entry'],
  ['imagedock', 'image_tag image_repository vulnerability_scan'],
  ['logsieve', 'log_stream saved_search index_pattern'],
  ['oncaller', 'incident schedule escalation_policy responder postmortem'],
  ['wordbridge', 'translation_key locale glossary_term'],
  ['letterpress', 'newsletter mailing_list bounce signup_form'],
  ['signet', 'envelope signer signature_template'],
  ['skycast', 'forecast weather_station storm_warning'],
  ['transita', 'departure stop route service_alert'],
  ['matchday', 'fixture team player standings'],
  ['wikispace', 'space wiki_page page_revision attachment page_watcher'],
  ['boardroom', 'board card swimlane sprint epic'],
]

/** A verb of a name, and how a description begins with it. */
const VERBS: readonly (readonly [verb: string, says: string])[] = [
  ['list', 'List every'],
  ['get', 'Get the details of a'],
  ['create', 'Create a new'],
  ['update', 'Update an existing'],
  ['delete', 'Permanently delete a'],
  ['search', 'Search by text for a'],
  ['archive', 'Archive a'],
  ['export', 'Export as CSV or JSON each'],
  ['share', 'Share with other people a'],
  ['assign', 'Assign to a member of the team a'],
  ['duplicate', 'Make a copy of a'],
  ['count', 'Count, by status,'],
]

const TAILS = [
  'in the workspace.',
  'that the caller may see. Results come in pages.',
  'by its id. Fails where it does not exist.',
  'and return the changed fields.',
  'with optional filters by date, owner and status.',
  'for reporting. Use this when the person asks for an overview.',
  'of the current account.',
]

const STYLES: readonly ((words: string[]) => string)[] = [
  (words) => words.join('_'),
  (words) => words.join('-'),
  (words) => words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join(''),
]

const PARAMETERS: readonly (readonly [name: string, schema: object])[] = [
  ['limit', { type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'How many to return' }],
  ['cursor', { type: 'string', description: 'Where the last page ended' }],
  ['status', { type: 'string', enum: ['active', 'archived', 'draft'] }],
  ['name', { type: 'string', description: 'The name that people see' }],
  ['owner_id', { type: 'string', description: 'Who is responsible for it' }],
  ['tags', { type: 'array', items: { type: 'string' } }],
  ['since', { type: 'string', format: 'date-time', description: 'Leave out what is older' }],
  ['notify', { type: 'boolean', default: false, description: 'Tell the people who follow it' }],
]

/** So many tools of made-up servers; the same for the same seed. */
export function haystack(tools: number, seed = 1): ServerTools[] {
  const random = randomNumbers(seed)
  const servers: ServerTools[] = []
  for (let round = 1, left = tools; left > 0; round++) {
    for (const [names, things] of AREAS) {
      for (const name of names.split(' ')) {
        if (left === 0) break
        const made = serverTools(things.split(' '), random).slice(0, left)
        servers.push({ server: round === 1 ? name : `${name}${round}`, tools: made })
        left -= made.length
      }
    }
  }
  return servers
}

function serverTools(things: readonly string[], random: () => number): Tool[] {
  const style = pick(STYLES, random)
  return things.flatMap((thing) =>
    VERBS.filter(() => random() < 0.4).map(([verb, says]) => ({
      name: style([verb, ...thing.split('_')]),
      description: `${says} ${thing.replaceAll('_', ' ')} ${pick(TAILS, random)}`,
      inputSchema: {
        type: 'object',
        properties: Object.fromEntries([
          [`${thing}_id`, { type: 'string', description: `The id of the ${thing.replaceAll('_', ' ')}` }],
          ...PARAMETERS.filter(() => random() < 0.4),
        ]),
        required: [`${thing}_id`],
      },
    })),
  )
}

function pick<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)] as T
}

/** Numbers from 0 up to 1, spread like random ones (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
