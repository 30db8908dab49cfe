// The door of the program: keeps its compiled code between starts, then runs main. JavaScript, since the first file that
// is not would load the stripper of types, 15 MB, before the kept code is looked for.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Not in the folder for temporary files, where anybody on the machine could put code for us. Where this one cannot be
// written to, nothing is kept and the program starts all the same.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/otklik', import.meta.url)));
const { main } = await import('./main.ts');
await main();
// Now rather than at the end, which may be a kill.
flushCompileCache();
