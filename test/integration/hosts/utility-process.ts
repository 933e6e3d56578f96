/**
 * Makes a plain Node child look like Electron's utility process: `process.parentPort` brings one
 * port, and that port is the channel to the parent. Loaded with --import before a built entry.
 */
import { EventEmitter } from 'node:events';

class Port extends EventEmitter {
  postMessage(message: unknown): void {
    process.send?.(message);
  }
  start(): void {
    process.on('message', (data) => this.emit('message', { data, ports: [] }));
  }
}

const parentPort = new EventEmitter();
Object.defineProperty(process, 'parentPort', { value: parentPort });
parentPort.once('newListener', () => {
  setImmediate(() => parentPort.emit('message', { data: null, ports: [new Port()] }));
});
