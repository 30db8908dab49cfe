// What the plain bot keeps for good: outcomes and tickets, through mongoose. Both are written under the id of the talk
// they came from, so that writing them twice is writing them once.
import mongoose, { type InferSchemaType } from 'mongoose';

const answered = { chat: Number, name: String, score: Number, reasons: [String], comment: String };
const responseSchema = new mongoose.Schema({ _id: String, ...answered, mayContact: Boolean, at: Number });
const ticketSchema = new mongoose.Schema({
  _id: String,
  number: String,
  chat: { type: Number, index: true },
  name: String,
  fields: [{ _id: false, id: String, label: String, value: String }],
  /** Telegram's file ids. */
  files: [String],
  /** The forum topic, once there is one. */
  thread: { type: Number, index: true },
  at: Number,
});

export type ResponseRecord = InferSchemaType<typeof responseSchema>;
export type TicketRecord = InferSchemaType<typeof ticketSchema>;
export const Responses = mongoose.model('Response', responseSchema);
export const Tickets = mongoose.model('Ticket', ticketSchema);

export const DATABASE = 'baseline';
export const connectRecords = (uri: string): Promise<unknown> => mongoose.connect(uri, { dbName: DATABASE });
export const disconnectRecords = (): Promise<void> => mongoose.disconnect();
