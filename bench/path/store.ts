// The embedded store in a process of its own, as a MongoDB would be: its CPU is not the bot's.
import { startEmbedded } from '../../src/store/embedded/start.ts';

const store = await startEmbedded(process.argv[2] ?? '');
process.stdout.write(`${JSON.stringify({ msg: 'ready', uri: store.uri })}\n`);
process.once('SIGTERM', () => void store.stop().then(() => process.exit(0)));
