// Responses on their collection. A complete one stays complete; of two alike the newer stands.
import { type Model, trusted } from 'mongoose';
import type { Response } from '../core/response.ts';
import { isNew } from './failure.ts';
import type { ResponseDocument } from './models.ts';
import { limit as checkedLimit, number, text } from './scalar.ts';
import type { Records } from './store.ts';

export function responses(
  model: Model<ResponseDocument>,
): Pick<Records, 'putResponse' | 'responses' | 'response'> {
  return {
    async putResponse(response) {
      const { id, ...rest } = response;
      const document: ResponseDocument = { ...rest, _id: text(id, 'response id') };
      const notNewer = { at: trusted({ $lte: number(response.at, 'at') }) };
      const replaceable =
        response.state === 'complete'
          ? { $or: [{ state: 'partial' }, { state: 'complete', ...notNewer }] }
          : { state: 'partial', ...notNewer };
      await new model(document).validate();
      const replace = (upsert: boolean) =>
        model.replaceOne({ _id: document._id, ...replaceable } as object, document, { upsert });
      // Where one stands that is not to be replaced, the upsert meets its id; but so it does where another
      // process inserted between its search and its insert: then the second look decides.
      if (!(await isNew(() => replace(true)))) await replace(false);
    },

    async responses({ limit, before }) {
      const found = await model
        .find(before === undefined ? {} : { at: trusted({ $lt: number(before, 'before') }) })
        .sort({ at: -1, _id: -1 })
        .limit(checkedLimit(limit))
        .lean<ResponseDocument[]>();
      return found.map(fromDocument);
    },

    async response(id) {
      const found = await model.findById(text(id, 'response id')).lean<ResponseDocument>();
      return found ? fromDocument(found) : undefined;
    },
  };
}

function fromDocument({ _id, ...rest }: ResponseDocument): Response {
  return { id: _id, ...rest };
}
