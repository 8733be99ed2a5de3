/** A profile: a chosen set of servers and of their tools. */
import type { ProfileOptions } from '../catalog/surface.ts'
import { globMatcher } from '../std/glob.ts'
import type { Member } from './member.ts'

/** The members as the profile leaves them; none where a reload has taken it away. */
export function profileMembers(members: readonly Member[], profile: ProfileOptions | undefined): readonly Member[] {
  if (!profile) return []
  const hasServer = globMatcher(profile.servers)
  const hasTool = globMatcher(profile.tools)
  const chosen = members.filter(({ server }) => hasServer(server.name))
  return chosen.map((member) => ({
    ...member,
    allowed: (tool: string) => member.allowed(tool) && hasTool(`${member.server.name}__${tool}`),
  }))
}
