/** Preloaded into servers that would listen on every address: keeps them on loopback and has them say where. */
import { Server } from 'node:net'

const { listen } = Server.prototype
Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  this.once('listening', () => process.stdout.write(`listening http://127.0.0.1:${this.address().port}/\n`))
  return listen.call(this, Number(port), '127.0.0.1', ...rest)
}
