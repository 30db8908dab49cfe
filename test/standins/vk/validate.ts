// Reads the parameters of one call by their types. What VK does not know is refused here, as the caller's mistake.
import { COMMON, type MethodFacts, type Parameter } from './methods.ts';
import { Refusal, wrong } from './refusal.ts';

export type Params = Readonly<Record<string, unknown>>;

const READERS: Readonly<Record<Parameter['type'], (text: string, name: string) => unknown>> = {
  int(text, name) {
    if (!/^-?\d{1,19}$/.test(text)) throw wrong(`${name} not integer`);
    return Number(text);
  },
  nat(text, name) {
    if (!/^\d{1,19}$/.test(text)) throw wrong(`${name} not positive integer`);
    return Number(text);
  },
  num(text, name) {
    if (text.trim() === '' || !Number.isFinite(Number(text))) throw wrong(`${name} not number`);
    return Number(text);
  },
  bool(text, name) {
    if (text !== '0' && text !== '1') throw wrong(`${name} must be 0 or 1`);
    return text === '1';
  },
  str: (text) => text,
  ints(text, name) {
    return text.split(',').map((one) => READERS.int(one.trim(), name));
  },
  strs: (text) => text.split(',').map((one) => one.trim()),
  json(text, name) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw name === 'keyboard'
        ? new Refusal(911, 'Keyboard format is invalid: not JSON', true)
        : wrong(`${name} is not JSON`);
    }
  },
};

function checkSize(value: unknown, { name, most }: Parameter): void {
  if (most === undefined) return;
  const size =
    typeof value === 'number' ? value : typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  if (size <= most) return;
  if (name === 'message') throw new Refusal(914, undefined, true);
  throw wrong(`${name} is more than ${most}`);
}

export function validate(facts: MethodFacts, raw: Readonly<Record<string, unknown>>): Params {
  const params: Record<string, unknown> = {};
  for (const parameter of facts.parameters) {
    const { name, type, required } = parameter;
    const text = raw[name];
    // An empty value is the same to VK as none.
    if (typeof text !== 'string' || text === '') {
      if (required) throw wrong(`${name} is undefined`);
      continue;
    }
    const value = READERS[type](text, name);
    checkSize(value, parameter);
    params[name] = value;
  }
  const known = new Set([...COMMON, ...facts.parameters.map((parameter) => parameter.name)]);
  for (const name of Object.keys(raw)) if (!known.has(name)) throw wrong(`${name} is not known`);
  return params;
}
