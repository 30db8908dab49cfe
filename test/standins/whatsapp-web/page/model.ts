// Things with attributes that tell of each change, and collections of them, by the names the library calls.
import { Emitter } from './emitter.ts';

export type Attributes = Readonly<Record<string, unknown>>;

export class Model extends Emitter {
  [name: string]: unknown;
  #names = new Set<string>();
  #parents = new Set<Emitter>();

  constructor(attributes: Attributes = {}) {
    super();
    this.#assign(attributes);
  }

  #assign(attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) {
      this.#names.add(name);
      this[name] = value;
    }
  }

  /** Changes attributes, then tells of each and of all together, here and in the collections it lies in. */
  set(attributes: Attributes): this {
    const changed = Object.entries(attributes).filter(([name, value]) => this[name] !== value);
    const before = new Map(changed.map(([name]) => [name, this[name]]));
    this.#assign(attributes);
    for (const [name, value] of changed) this.tell(`change:${name}`, value, before.get(name));
    if (changed.length > 0) this.tell('change');
    return this;
  }

  tell(event: string, ...args: readonly unknown[]): void {
    for (const place of [this, ...this.#parents]) place.trigger(event, this, ...args);
  }

  joined(parent: Emitter): void {
    this.#parents.add(parent);
  }

  left(parent: Emitter): void {
    this.#parents.delete(parent);
  }

  serialize(): Record<string, unknown> {
    return Object.fromEntries([...this.#names].map((name) => [name, this[name]]));
  }

  toJSON(): Record<string, unknown> {
    return this.serialize();
  }
}

export class Collection<M extends Model> extends Emitter {
  readonly modelClass: new (
    attributes: Attributes,
  ) => M;
  #models = new Map<string, M>();

  constructor(modelClass: new (attributes: Attributes) => M) {
    super();
    this.modelClass = modelClass;
  }

  get length(): number {
    return this.#models.size;
  }

  /** Ids come as text or as objects; what has no text finds nothing, as in the real page. */
  get(id: unknown): M | undefined {
    return id === undefined || id === null ? undefined : this.#models.get(String(id));
  }

  /** Gives the model kept: an id that is known already keeps the one it has, and nothing is told. */
  add(model: M): M {
    const id = String(model.id);
    const known = this.#models.get(id);
    if (known !== undefined) return known;
    this.#models.set(id, model);
    model.joined(this);
    this.trigger('add', model);
    return model;
  }

  /** Puts it before all others without telling anybody: history loaded later. */
  addEarlier(models: readonly M[]): M[] {
    const fresh = models.filter((model) => !this.#models.has(String(model.id)));
    for (const model of fresh) model.joined(this);
    this.#models = new Map([...fresh.map((model) => [String(model.id), model] as const), ...this.#models]);
    return fresh;
  }

  remove(model: M): void {
    if (!this.#models.delete(String(model.id))) return;
    this.trigger('remove', model);
    model.left(this);
  }

  getModelsArray(): M[] {
    return [...this.#models.values()];
  }
}
