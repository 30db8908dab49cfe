// What runs through the corpus and every rig: words by which a leak is known, and the ids of our own accounts.

/** Stands in every name and every sentence of a person. */
export const MARK = 'Канарейка-7731';
export const MARKED_PHONE = '+79990007731';
/** Stands in every token and secret. */
export const SECRET_MARK = 'CANARY';
export const FORUM_CHAT = -1_001_234_567_890;
export const VK_GROUP = 212_345;
