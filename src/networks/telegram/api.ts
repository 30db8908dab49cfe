// The words of the Bot API that our own files use, so that grammY is named in this folder only.
import type { RawApi as GrammyRawApi } from 'grammy';

export type {
  CallbackQuery,
  Chat,
  ChatMember,
  InlineKeyboardMarkup,
  Message,
  Update,
  User,
} from 'grammy/types';
export type RawApi = GrammyRawApi;

/** A logger as pino is one; fields hold ids and codes, never words of a person. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
