/** Every AI application that we know, in the order in which people are shown them. */
import { suggest } from '../../std/suggest.ts'
import type { Client, ManualClient } from '../client.ts'
import { claudeCode, claudeDesktop } from './anthropic.ts'
import { MANUAL_CLIENTS } from './by-hand.ts'
import { anythingllm, boltai, jan, lmStudio, voidEditor, witsy } from './desktops.ts'
import { antigravity, cursor, devinDesktop, kiro, trae, windsurf, zed } from './editors.ts'
import { augmentVscode, cline, clineCli, continueDev, jetbrainsAi, junie, kilo, kiloLegacy, roo } from './extensions.ts'
import {
  copilotCli,
  eclipseCopilot,
  jetbrainsCopilot,
  visualStudio,
  vscode,
  vscodeInsiders,
  vscodeLegacy,
  xcodeCopilot,
} from './microsoft.ts'
import { amazonq, bob, crush, fx, grok, hermes, kimi, mastra, omp, pi, rovo, tabnine } from './more-terminals.ts'
import { goose, opencode } from './open-agents.ts'
import { amp, auggie, codex, droid, geminiCli, qwenCode, warp } from './terminals.ts'

export const CLIENTS: readonly Client[] = [
  claudeCode,
  claudeDesktop,
  cursor,
  vscode,
  vscodeInsiders,
  copilotCli,
  codex,
  geminiCli,
  antigravity,
  devinDesktop,
  windsurf,
  zed,
  opencode,
  cline,
  clineCli,
  kilo,
  goose,
  kiro,
  junie,
  jetbrainsAi,
  jetbrainsCopilot,
  visualStudio,
  lmStudio,
  warp,
  amp,
  qwenCode,
  auggie,
  droid,
  crush,
  jan,
  grok,
  kimi,
  tabnine,
  rovo,
  trae,
  anythingllm,
  boltai,
  witsy,
  mastra,
  bob,
  fx,
  pi,
  omp,
  hermes,
  xcodeCopilot,
  eclipseCopilot,
  augmentVscode,
  continueDev,
  vscodeLegacy,
  roo,
  kiloLegacy,
  amazonq,
  voidEditor,
]

/** The client of this id, or the id that was most likely meant. `all` and patterns are the caller's business. */
export function clientById(id: string): Client | ManualClient | { meant: string | undefined } {
  const all = [...CLIENTS, ...MANUAL_CLIENTS]
  return (
    all.find((client) => client.id === id) ?? {
      meant: suggest(
        id,
        all.map((client) => client.id),
      ),
    }
  )
}
