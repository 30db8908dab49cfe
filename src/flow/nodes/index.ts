// The registry of node kinds: a kind is its file, a line here, a test and a row of the README.
import type { NodeKind } from '../kind.ts';
import { ask } from './ask.ts';
import { attach } from './attach.ts';
import { branch } from './branch.ts';
import { call } from './call.ts';
import { choose } from './choose.ts';
import { confirm } from './confirm.ts';
import { end } from './end.ts';
import { handoff } from './handoff.ts';
import { rate } from './rate.ts';
import { record } from './record.ts';
import { say } from './say.ts';
import { ticket } from './ticket.ts';

const ALL = [say, rate, choose, ask, attach, confirm, branch, record, ticket, handoff, call, end] as const;

export const KINDS: ReadonlyMap<string, NodeKind> = new Map(ALL.map((kind) => [kind.kind, kind]));
