// Runs in WhatsApp's page before its own code. Since July 2026 the page's message keys have lost the name `_serialized`
// that the library reads; here they get it back, whatever the page calls it now. On older pages it changes nothing.

/** Self-contained: its text is given to the page. */
export function keysByName(): void {
  interface Key {
    id?: unknown;
    fromMe?: unknown;
    remote?: unknown;
    [name: string]: unknown;
  }
  type Model = (message: { id?: Key }) => { id?: Key };
  const page = window as unknown as { require?: (name: string) => { prototype?: object } };
  const NAME = '_serialized';

  const textOf = (key: Key): string | undefined => {
    const own = Object.values(key).find(
      (value): value is string => typeof value === 'string' && /^(?:true|false)_.+@.+_/.test(value),
    );
    if (own !== undefined) return own;
    const { remote } = key;
    const chat =
      typeof remote === 'object' && remote !== null ? (remote as Record<string, unknown>)[NAME] : remote;
    if (typeof chat !== 'string' || typeof key.id !== 'string') return undefined;
    return `${String(key.fromMe === true)}_${chat}_${key.id}`;
  };

  const nameKeys = (): void => {
    const prototype = page.require?.('WAWebMsgKey')?.prototype;
    if (!prototype || NAME in prototype) return;
    Object.defineProperty(prototype, NAME, {
      configurable: true,
      get(this: Key) {
        return textOf(this);
      },
      set(this: Key, value: unknown) {
        Object.defineProperty(this, NAME, { value, writable: true, enumerable: true, configurable: true });
      },
    });
  };

  const named =
    (model: Model): Model =>
    (message) => {
      const plain = model(message);
      const { id } = plain;
      if (id && typeof id === 'object' && !Object.hasOwn(id, NAME)) {
        const text = (message.id && textOf(message.id)) ?? textOf(id);
        if (text !== undefined) plain.id = { ...id, [NAME]: text };
      }
      return plain;
    };

  // The library puts its own tools under this name once the page is ready for them; that is the moment to step in.
  let tools: object | undefined;
  Object.defineProperty(window, 'WWebJS', {
    configurable: true,
    enumerable: true,
    get: () => tools,
    set(given: object) {
      nameKeys();
      let model: Model | undefined;
      Object.defineProperty(given, 'getMessageModel', {
        configurable: true,
        enumerable: true,
        get: () => model,
        set(own: Model) {
          model = named(own);
        },
      });
      tools = given;
    },
  });
}
