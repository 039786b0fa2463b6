// The one store of images: what the gallery and the image page show. Start with `list` and `byId`.
import { Injectable, type Signal, computed, inject, signal } from '@angular/core';
import { Api, ApiProblem } from '../backend/api';
import { Caller } from '../backend/caller';
import { Live } from '../backend/live';
import type { Focus, Image, Page, SignedAddress, Visibility } from '../backend/models';
import {
  NOTHING_KNOWN,
  type Position,
  markDeleted,
  compareNewest,
  endOf,
  isFinal,
  listed,
  mergeImages,
  missingFrom,
  ofOwner,
} from './catalogue';

/** How far the listing has been read. */
export type Listing =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly more: boolean }
  | { readonly state: 'failed'; readonly problem: ApiProblem };

const PAGE = 30; // public/early.js asks for the first one, at this very address
const LONG_PAGE = 100; // the API's limit, for all that is not waited for
const MOST_POLLED = 40; // single images
const MOST_AT_ONCE = 8; // requests
// The functions commit first and announce then, so an announcement may be lost while the socket is well.
const RECONCILE_SECONDS = 15;

@Injectable({ providedIn: 'root' })
export class Images {
  private readonly api = inject(Api);
  private readonly live = inject(Live);
  private readonly caller = inject(Caller);

  private readonly known = signal(NOTHING_KNOWN);
  private readonly hidden = signal<ReadonlySet<string>>(new Set());
  /** Whose images are listed where somebody sees more than one's own; '' are one's own. */
  private readonly chosen = signal('');
  /** The last place that was read, null at the very end; undefined before the first page. */
  private readonly end = signal<Position | null | undefined>(undefined);
  private readonly progress = signal<Listing>({ state: 'reading' });
  private readonly listable = computed(() => {
    const owner = this.caller.seesAll() ? this.chosen() || this.caller.me()?.owner : undefined;
    return owner === undefined ? this.known() : ofOwner(this.known(), owner);
  });
  private readonly singles = new Map<string, Signal<Image | undefined>>();
  /** Images of which news is due, and the version that would be none. */
  private readonly awaited = new Map<string, number>();
  private cursor: string | null = null;
  private reading: Promise<boolean> | undefined;

  /** Newest first, without the deleted and the hidden, as far down as pages were read. */
  readonly list = computed(() => listed(this.listable(), this.hidden(), this.end() ?? null));
  readonly owner = this.chosen.asReadonly();
  readonly listing = this.progress.asReadonly();

  /** Lists the images of another owner, from the first page on; '' are one's own. Only admins may. */
  showOwner(owner: string): void {
    if (owner === this.chosen()) return;
    this.chosen.set(owner);
    this.cursor = null;
    this.end.set(undefined);
    this.progress.set({ state: 'reading' });
    this.live.listenTo(owner);
    const before = this.reading ?? Promise.resolve();
    void before.then(() => this.loadMore());
  }

  /** Reads the first page, and begins to listen once the browser is idle after that. */
  start(idle: () => Promise<void>): void {
    this.live.changes.subscribe((image) => this.tell([image]));
    const reader = {
      readAll: () => this.bringsNews(() => this.readAgain()),
      readOpen: () => this.bringsNews(() => this.readOpen()),
    };
    void this.loadMore()
      .then(idle)
      .then(() => this.live.start(reader));
    setInterval(() => void this.readUnsettled(), RECONCILE_SECONDS * 1000);
  }

  /** The image while it exists; the same signal for the same id. */
  byId(id: string): Signal<Image | undefined> {
    const found = this.singles.get(id);
    if (found) return found;
    const made = computed(() => {
      const image = this.known().get(id);
      return image?.status === 'DELETED' ? undefined : image;
    });
    this.singles.set(id, made);
    return made;
  }

  /** What is known of an image, also that it was deleted. */
  peek(id: string): Image | undefined {
    return this.known().get(id);
  }

  /** Reads the next page; says whether there are more. Never throws: `listing` has the problem. */
  loadMore(): Promise<boolean> {
    this.reading ??= this.readPage().finally(() => (this.reading = undefined));
    return this.reading;
  }

  /** Reads one image. */
  async open(id: string): Promise<'found' | 'missing'> {
    return (await this.read(id)) ? 'found' : 'missing';
  }

  /** Returns a link to an image's original, for a few minutes. Throws `ApiProblem`. */
  originalLink(id: string): Promise<string> {
    return this.api.originalLink(id);
  }

  /** Deletes an image; one that is gone already is fine. Throws `ApiProblem`. */
  async remove(id: string): Promise<void> {
    try {
      await this.api.delete(id);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.known.update((all) => markDeleted(all, id));
    this.unhide(id);
  }

  /**
   * Has an image rendered again, and says whether it is; it is not if its result is current. The news
   * of it comes as any other. Throws `ApiProblem`.
   */
  async reprocess(id: string): Promise<boolean> {
    const version = this.known().get(id)?.version ?? 0;
    const { current } = await this.api.reprocess(id);
    if (current) await this.read(id);
    else this.expect(id, version);
    return !current;
  }

  /** Has an image shown to everybody, or to nobody else; the news comes as any other. Throws `ApiProblem`. */
  async setVisibility(id: string, visibility: Visibility): Promise<void> {
    const version = this.known().get(id)?.version ?? 0;
    await this.api.setVisibility(id, visibility);
    this.expect(id, version);
  }

  /** Has every crop of an image keep a point in view, or none; the news comes as any other. Throws `ApiProblem`. */
  async setFocus(id: string, focus: Focus | null): Promise<void> {
    const version = this.known().get(id)?.version ?? 0;
    await this.api.setFocus(id, focus);
    this.expect(id, version);
  }

  /** Returns an address that is open to whoever has it. Throws `ApiProblem`. */
  address(id: string, parameters: object): Promise<SignedAddress> {
    return this.api.address(id, parameters);
  }

  /** Leaves an image out of `list` until `unhide`; it stays under `byId`. */
  hide(id: string): void {
    this.hidden.update((ids) => new Set(ids).add(id));
  }

  unhide(id: string): void {
    this.hidden.update((ids) => new Set([...ids].filter((one) => one !== id)));
  }

  /** Has the image read, while there is no socket, until it is final and above *version*. */
  expect(id: string, version = 0): void {
    this.awaited.set(id, version);
    this.live.pollSoon();
  }

  /** Reads an image into the store; undefined if there is none. Throws `ApiProblem`. */
  async read(id: string): Promise<Image | undefined> {
    try {
      const image = await this.api.image(id);
      this.tell([image]);
      return image;
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.known.update((all) => markDeleted(all, id));
      this.awaited.delete(id);
      return undefined;
    }
  }

  private async bringsNews(read: () => Promise<void>): Promise<boolean> {
    const before = this.known();
    await read();
    return this.known() !== before;
  }

  private tell(images: readonly Image[]): void {
    this.known.update((all) => mergeImages(all, images));
    for (const image of images) {
      const version = this.awaited.get(image.id);
      if (version !== undefined && isFinal(image) && image.version > version) {
        this.awaited.delete(image.id);
      }
    }
  }

  private async readPage(): Promise<boolean> {
    if (this.end() === null) return false;
    const owner = this.chosen();
    try {
      const page = await this.api.list(this.cursor, this.cursor ? LONG_PAGE : PAGE, owner);
      this.tell(page.images);
      this.extend(page, owner);
      return this.cursor !== null;
    } catch (error) {
      if (owner === this.chosen())
        this.progress.set({ state: 'failed', problem: problemOf(error) });
      return true;
    }
  }

  /** Reads all that is shown once more: after the socket stood still, anything may have happened. */
  private async readAgain(): Promise<void> {
    const [end, owner] = [this.end(), this.chosen()];
    const received = new Set<string>();
    let from: Position | null = null;
    let page: Page | undefined;
    do {
      page = await this.api.list(page?.cursor ?? null, LONG_PAGE, owner);
      if (owner !== this.chosen()) return;
      await this.reconcile(page, from);
      this.extend(page, owner);
      for (const one of page.images) received.add(one.id);
      from = endOf(page);
    } while (from && end !== undefined && (end === null || compareNewest(from, end) < 0));
    await this.readEach(this.unsettled(received));
  }

  /** Reads the first page, and what is on its way elsewhere. */
  private async readOpen(): Promise<void> {
    const owner = this.chosen();
    const page = await this.api.list(null, LONG_PAGE, owner);
    if (owner !== this.chosen()) return;
    await this.reconcile(page, null);
    this.extend(page, owner);
    await this.readEach(this.unsettled(new Set(page.images.map((one) => one.id))));
  }

  /** Ends the listing with a page if that reaches below its end, or is the first: never higher up. */
  private extend(page: Page, owner: string): void {
    if (owner !== this.chosen()) return;
    const [end, reached] = [this.end(), endOf(page)];
    if (end === null || (end && reached && compareNewest(reached, end) <= 0)) return;
    this.cursor = page.cursor;
    this.end.set(reached);
    this.progress.set({ state: 'read', more: page.cursor !== null });
  }

  /** Asks for what is on its way, unless the live connection does so already. */
  private async readUnsettled(): Promise<void> {
    if (document.hidden || this.live.state() !== 'live') return;
    await this.readEach(this.unsettled(new Set())).catch(() => undefined);
  }

  /** Returns the ids of images of which more must come, and that were not told just now. */
  private unsettled(received: ReadonlySet<string>): readonly string[] {
    const open = [...this.known().values()].filter((one) => one.status === 'PROCESSING');
    const ids = new Set([...this.awaited.keys(), ...open.map((one) => one.id)]);
    return [...ids].filter((id) => !received.has(id)).slice(0, MOST_POLLED);
  }

  /** Takes a page in that begins below *from*, and asks for what it should have had. */
  private async reconcile(page: Page, from: Position | null): Promise<void> {
    const missing = missingFrom(this.listable(), page, from);
    this.tell(page.images);
    await this.readEach(missing);
  }

  private async readEach(ids: readonly string[]): Promise<void> {
    const left = [...ids];
    const readOn = async (): Promise<void> => {
      for (let id = left.shift(); id; id = left.shift()) await this.read(id);
    };
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, readOn));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

function problemOf(error: unknown): ApiProblem {
  return error instanceof ApiProblem ? error : new ApiProblem('unknown', String(error), 0);
}
