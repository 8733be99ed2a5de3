/** Looks for programs as a shell would. */
import { type Machine, pathOf } from '../../clients/machine.ts'

/** Every place in PATH that has the program, the one that is started first. */
export async function programPlaces(name: string, machine: Machine): Promise<string[]> {
  const { delimiter, join } = pathOf(machine)
  const { env, system, files } = machine
  const folders = [...new Set((env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean))]
  const names = system === 'win32' ? ['.exe', '.cmd', '.bat'].map((end) => name + end) : [name]
  const places = folders.flatMap((folder) => names.map((one) => join(folder, one)))
  const kinds = await Promise.all(places.map((place) => files.kind(place)))
  return places.filter((_, i) => kinds[i] === 'file')
}

/** How a program comes onto a machine, for those that servers need most. */
const INSTALL: Readonly<Record<string, string>> = {
  npx: 'install Node.js: https://nodejs.org',
  npm: 'install Node.js: https://nodejs.org',
  node: 'install Node.js: https://nodejs.org',
  uvx: 'install uv: https://docs.astral.sh/uv/',
  uv: 'install uv: https://docs.astral.sh/uv/',
  pipx: 'install pipx: https://pipx.pypa.io',
  python: 'install Python: https://www.python.org',
  python3: 'install Python: https://www.python.org',
  docker: 'install Docker: https://docs.docker.com/get-docker/',
  podman: 'install Podman: https://podman.io',
  bunx: 'install Bun: https://bun.sh',
  bun: 'install Bun: https://bun.sh',
  deno: 'install Deno: https://deno.com',
  dnx: 'install the .NET SDK 10: https://dotnet.microsoft.com',
  dotnet: 'install the .NET SDK: https://dotnet.microsoft.com',
}

export function installHint(name: string): string {
  return INSTALL[name] ?? `install ${name}, or write its whole path`
}
