// A person who came by MAX: the stand-in's hands, and what its own ledger says they saw.
import type { MaxStandIn } from '../standins/max/max.ts';
import type { Seen } from '../standins/max/world.ts';
import type { Face, Shown } from './face.ts';
