// A copy of what customers wrote must not lie about because somebody lost patience: it goes with the process.
import { rmSync } from 'node:fs';

/** Gives the way to say that it has gone already. */
export function clearAtExit(path: string): () => void {
  const clear = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', clear);
  return () => process.off('exit', clear);
}
