/** Takes the lock of the folder named on the command line and holds it until it is killed. */
import { acquireLock } from '#core/store/workspace-lock.ts';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('name a folder');
acquireLock(dir);
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
