// Why WhatsApp Web ended or is not ready, in words for a person, each with its remedy where there is one.

const WHY: Readonly<Record<string, string>> = {
  no_whatsapp_page:
    'web.whatsapp.com did not open; check the network of this machine, or set WHATSAPP_PROXY_URL',
  not_opened:
    'the browser did not start; check WHATSAPP_CHROMIUM_PATH and WHATSAPP_CHROMIUM_ARGS (in a container add --no-sandbox)',
  browser_gone: 'the browser ended',
  page_crashed: 'the page crashed',
  ended: 'the process of the browser ended',
  boot_deadline: 'WhatsApp Web was not ready in time',
  no_answer: 'the page does not answer',
  no_connection: 'WhatsApp Web has no connection',
  silent: 'WhatsApp took no note to ourselves',
  memory: 'the browser took more than WHATSAPP_MEMORY_MB',
  no_chromium: 'no Chromium was found; install one, or set WHATSAPP_CHROMIUM_PATH',
  LOGOUT: 'the phone has unlinked this account; link it anew',
  CONFLICT: 'WhatsApp Web was opened elsewhere with this account',
};

/** By the word that the process or the watch over it said. */
export const reasonOf = (why: string): string => WHY[why] ?? `WhatsApp Web ended: ${why}`;
