// Settings of WhatsApp's Business Cloud API and what is wrong with them.
import { checkCalledAt, type Reading, type Setting } from '../../settings.ts';

export interface WhatsAppCloudConfig {
  readonly token: string;
  /** Meta's id of our number; not the number. */
  readonly phoneId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  /** With the version of the API. */
  readonly apiRoot: string;
  readonly proxyUrl?: string;
  /** What may be said to somebody who has not written for a day; absent: nothing. */
  readonly template?: Template;
}

/** Approved by Meta; its body has one parameter, the text. */
export interface Template {
  readonly name: string;
  readonly language: string;
}

export const WHATSAPP_CLOUD_SETTINGS = {
  WHATSAPP_CLOUD_TOKEN: {
    about: 'Turns WhatsApp on through the Business Cloud API: the permanent token of a system user',
    default: '',
  },
  WHATSAPP_CLOUD_PHONE_ID: { about: "Meta's id of the business number, digits; not the number", default: '' },
  WHATSAPP_CLOUD_APP_SECRET: {
    about: "The app's secret, with which Meta signs what it posts to us",
    default: '',
  },
  WHATSAPP_CLOUD_VERIFY_TOKEN: {
    about: 'A word of your own, 8 characters or more, given to Meta together with the address of the webhook',
    default: '',
  },
  WHATSAPP_CLOUD_API_ROOT: {
    about: 'Address of the Graph API with its version',
    default: 'https://graph.facebook.com/v24.0',
  },
  WHATSAPP_CLOUD_PROXY_URL: {
    about: 'Proxy for all calls to the Graph API: `http://`, `https://` or `socks5://`',
    default: '',
  },
  WHATSAPP_CLOUD_TEMPLATE: {
    about: 'An approved template `name:language` with one body parameter, for those who wrote over 24 h ago',
    default: '',
  },
} as const satisfies Record<string, Setting>;

const TEMPLATE = /^([a-z0-9_]{1,512}):([a-z]{2,3}(?:_[A-Z]{2})?)$/;

export function readWhatsAppCloud(reading: Reading): WhatsAppCloudConfig | undefined {
  const { value, url, fault } = reading;
  const token = value('WHATSAPP_CLOUD_TOKEN');
  const phoneId = value('WHATSAPP_CLOUD_PHONE_ID');
  const appSecret = value('WHATSAPP_CLOUD_APP_SECRET');
  const verifyToken = value('WHATSAPP_CLOUD_VERIFY_TOKEN');
  const apiRoot = url('WHATSAPP_CLOUD_API_ROOT', 'https', 'http') ?? '';
  const proxyUrl = url('WHATSAPP_CLOUD_PROXY_URL', 'http', 'https', 'socks', 'socks5', 'socks5h');
  const given = value('WHATSAPP_CLOUD_TEMPLATE');
  const [, name, language] = TEMPLATE.exec(given) ?? [];
  if (given && name === undefined) {
    fault('WHATSAPP_CLOUD_TEMPLATE', 'must look like survey_waits:ru, as the template is called at Meta');
  }
  if (!token) return undefined;
  // A person tells Meta the address, so it may be unknown here; a known one that Meta cannot call is a fault.
  if (reading.publicUrl !== undefined) checkCalledAt(reading, 'Meta', 'WHATSAPP_CLOUD_TOKEN is set');
  if (!/^[\w.|-]{16,}$/.test(token)) {
    fault('WHATSAPP_CLOUD_TOKEN', 'must be the long token of a system user, without spaces');
  }
  if (!/^\d{5,20}$/.test(phoneId)) {
    fault(
      'WHATSAPP_CLOUD_PHONE_ID',
      'must be the number\'s id, digits only; Meta shows it under "API Setup"',
    );
  }
  // Without them anybody could post as any customer.
  if (!/^[\da-f]{16,128}$/i.test(appSecret)) {
    fault(
      'WHATSAPP_CLOUD_APP_SECRET',
      'must be the secret from "App settings", letters a–f and digits: without it nothing is believed',
    );
  }
  if (!/^\S{8,200}$/.test(verifyToken)) {
    fault('WHATSAPP_CLOUD_VERIFY_TOKEN', 'must be a word of your own, 8 characters or more without spaces');
  }
  return {
    token,
    phoneId,
    appSecret,
    verifyToken,
    apiRoot,
    ...(proxyUrl ? { proxyUrl } : {}),
    ...(name !== undefined && language !== undefined ? { template: { name, language } } : {}),
  };
}
