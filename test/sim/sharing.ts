import type { Runtime } from '../../src/runtime/runtime.ts';
import type { Life, World } from './world.ts';
export function createSharing(_world: World): { runtime: (life: Life, clock: () => number) => Runtime } {
  throw new Error('not yet');
}
