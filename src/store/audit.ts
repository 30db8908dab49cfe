// Who did and saw what: lines are added, never changed or taken away here.
import type { Model } from 'mongoose';
import { ulid } from 'ulid';
import type { AuditDocument } from './models.ts';
import { number, text } from './scalar.ts';
import type { Records } from './store.ts';

export function audit(model: Model<AuditDocument>): Pick<Records, 'audit'> {
  return {
    async audit({ at, by, what, on }) {
      await model.insertOne({
        _id: ulid(number(at, 'at')),
        at,
        what: text(what, 'what'),
        ...(by && { by: { id: text(by.id, 'operator'), name: `${by.name}` } }),
        ...(on !== undefined && { on: text(on, 'on') }),
      });
    },
  };
}
