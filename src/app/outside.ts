// Tells trouble around the program from trouble within it.
import { DeliveryError, isUnreachable } from '../core/errors.ts';

/** What was read is no longer so: it is read again, and nothing is wrong with the event. */
export class StoreMoved extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreMoved';
  }
}

/** The store, a network or what coordinates is away, or was quicker: nothing is wrong with what was to be done. */
export const isOutside = (error: unknown): boolean =>
  isUnreachable(error) || error instanceof DeliveryError || error instanceof StoreMoved;
