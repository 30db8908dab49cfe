// How the stand-in says no: VK's own codes and sentences, always with HTTP 200. It must never invent a milder answer
// than VK's: a caller is tested against these numbers.

/** VK's words for the codes that a community bot meets. */
export const SENTENCES: Readonly<Record<number, string>> = {
  1: 'Unknown error occurred',
  3: 'Unknown method passed',
  5: 'User authorization failed: invalid access_token (4).',
  6: 'Too many requests per second',
  7: 'Permission to perform this action is denied',
  8: 'Invalid request',
  9: 'Flood control',
  10: 'Internal server error',
  14: 'Captcha needed',
  15: 'Access denied',
  18: 'User was deleted or banned',
  27: 'Group authorization failed: method is unavailable with group auth.',
  29: 'Rate limit reached',
  100: 'One of the parameters specified was missing or invalid',
  104: 'Not found',
  105: "Couldn't save file",
  113: 'Invalid user id',
  210: "Access to wall's post denied",
  212: 'Access to post comments denied',
  213: 'Access to status replies denied',
  222: 'Hyperlinks are forbidden',
  223: 'Too many replies',
  900: "Can't send messages for users from blacklist",
  901: "Can't send messages for users without permission",
  902: "Can't send messages to this user due to their privacy settings",
  909: "Can't edit this message, because it's too old",
  910: "Can't sent this message, because it's too big",
  911: 'Keyboard format is invalid',
  912: 'This is a chat bot feature, change this status in settings',
  913: 'Too many forwarded messages',
  914: 'Message is too long',
  917: "You don't have access to this chat",
  920: "Can't edit this kind of message",
  936: 'Contact not found',
  940: 'Too many posts in messages',
  950: "Can't send message, reply timed out",
};

export class Refusal extends Error {
  readonly code: number;
  /** Only a mistake in the calling program can lead here. */
  readonly violation: boolean;
  constructor(code: number, detail?: string, violation = false) {
    super(detail === undefined ? (SENTENCES[code] ?? 'Unknown error occurred') : detail);
    this.name = 'Refusal';
    this.code = code;
    this.violation = violation;
  }
}

/** A parameter is missing or wrong: the caller's mistake. */
export const wrong = (detail: string): Refusal => new Refusal(100, `${SENTENCES[100]}: ${detail}`, true);

/** A parameter that names something that is not there: no mistake as such. */
export const missing = (detail: string): Refusal => new Refusal(100, `${SENTENCES[100]}: ${detail}`);

export const badKeyboard = (detail: string): Refusal =>
  new Refusal(911, `${SENTENCES[911]}: ${detail}`, true);
