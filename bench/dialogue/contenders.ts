// Who takes part, by the name the tables show.
import { createActorKeptAsObject, createActorKeptAsText } from './actor.ts';
import { createConversations } from './conversations.ts';
import type { MakeContender } from './dialogue.ts';
import { createEngineKeptAsObject, createEngineKeptAsText } from './engine.ts';
import { createFloor } from './floor.ts';

export const FLOOR = 'floor: a switch on a Map';
export const ACTOR = 'XState 5, snapshot object';
export const ACTOR_TEXT = 'XState 5, snapshot as JSON';
export const CONVERSATIONS = 'grammY + conversations';
export const ENGINE = 'Otklik, session object';
export const ENGINE_TEXT = 'Otklik, document as JSON';

export const CONTENDERS: Readonly<Record<string, MakeContender>> = {
  [FLOOR]: createFloor,
  [ACTOR]: createActorKeptAsObject,
  [ACTOR_TEXT]: createActorKeptAsText,
  [CONVERSATIONS]: createConversations,
  [ENGINE]: createEngineKeptAsObject,
  [ENGINE_TEXT]: createEngineKeptAsText,
};
