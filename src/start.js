// The door of the program: keeps its compiled code between starts, then runs main. JavaScript, since the first file that
// is not would load the stripper of types, 15 MB, before the kept code is looked for.
import { enableCompileCache, flushCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./main.ts');
await main();
// Now rather than at the end, which may be a kill.
flushCompileCache();
