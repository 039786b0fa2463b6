// The uploads of this page: takes files in, starts them four at a time, follows them until they are processed.
import {
  DestroyRef,
  Injectable,
  Injector,
  afterNextRender,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { reasonOf } from '../backend/api';
import { Configuration } from '../backend/config';
import type { Ticket } from '../backend/models';
import { Session } from '../backend/session';
import { S3Uploads, type Trouble, type Uploader } from '../backend/uploads';
import { Toasts } from '../shared/toasts';
import { Images } from '../state/images';
import { Audience } from './audience';
import type { Found } from './intake';
import { Previews } from './previews';
import { type Event, type Upload, isPending, reduce, startable, summarise } from './queue';
import { SNIFFED_BYTES, inspect } from './inspection';
import { recall, remember } from './unfinished';
import { shortfall } from './wording';

const MOST_AT_ONCE = 4;
const AFTER_PAINT_MS = 100;

@Injectable({ providedIn: 'root' })
export class Uploads {
  private readonly configuration = inject(Configuration);
  private readonly uploader: Uploader = inject(S3Uploads);
  private readonly session = inject(Session);
  private readonly images = inject(Images);
  private readonly previews = inject(Previews);
  private readonly toasts = inject(Toasts);
  private readonly audience = inject(Audience);

  private readonly all = signal<readonly Upload[]>([]);
  private readonly files = new Map<number, File>();
  private readonly tickets = new Map<number, Ticket>();
  private readonly cancels = new Map<number, () => void>();
  private lastKey = 0;

  readonly list = this.all.asReadonly();
  readonly summary = computed(() => summarise(this.all()));

  constructor() {
    effect(() => this.follow());
    effect(() => {
      if (this.session.state().state === 'out') untracked(() => this.forgetAll());
    });
    const [injector, destroyed] = [inject(Injector), inject(DestroyRef)];
    // A browser's first look into its storage takes long, and nothing that is painted waits for it.
    afterNextRender(() => {
      const timer = setTimeout(() => {
        this.resume();
        effect(() => remember(sessionStorage, this.all()), { injector });
      }, AFTER_PAINT_MS);
      destroyed.onDestroy(() => clearTimeout(timer));
    });
    const warn = (event: BeforeUnloadEvent): void => {
      if (this.all().some((one) => isPending(one.stage))) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    destroyed.onDestroy(() => removeEventListener('beforeunload', warn));
  }

  /** Takes files in: each is looked at, and uploaded when its turn comes. */
  add(files: readonly File[]): void {
    if (files.length === 0) return;
    const visibility = this.audience.requested();
    const uploads = files.map((file): Upload => {
      const key = ++this.lastKey;
      this.files.set(key, file);
      return { key, name: file.name, size: file.size, visibility, stage: { at: 'checking' } };
    });
    this.dispatch({ type: 'added', uploads });
    void this.check(uploads);
  }

  /** Takes in what a drop or a folder held, and says so if that is nothing, or not all. */
  takeIn(found: Found): void {
    this.add(found.files);
    const text = shortfall(found);
    if (text) this.toasts.show({ text, tone: 'danger' });
  }

  cancel(key: number): void {
    this.cancels.get(key)?.();
    this.cancels.delete(key);
    const ticket = this.tickets.get(key);
    if (ticket) this.uploader.discard(ticket);
    this.tickets.delete(key);
    this.dispatch({ type: 'cancelled', key });
  }

  /** Nothing of who signed out is sent or shown any more. */
  private forgetAll(): void {
    for (const { key, stage } of this.all()) {
      if (isPending(stage)) this.cancel(key);
      this.dismiss(key);
    }
  }

  retry(key: number): void {
    const stage = this.all().find((one) => one.key === key)?.stage;
    if (stage?.at === 'failed') void this.reprocess(key, stage.imageId);
    else this.dispatch({ type: 'retried', key });
  }

  dismiss(key: number): void {
    this.dispatch({ type: 'dismissed', key });
  }

  clear(): void {
    this.dispatch({ type: 'cleared' });
  }

  /** Picks up what was processing when the page was left. */
  private resume(): void {
    const uploads = recall(sessionStorage).map(({ imageId, name, size }): Upload => {
      this.images.expect(imageId);
      void this.images.read(imageId).catch(() => undefined); // expected, so it is asked for again
      return { key: ++this.lastKey, name, size, stage: { at: 'processing', imageId, above: 0 } };
    });
    if (uploads.length > 0) this.dispatch({ type: 'added', uploads });
  }

  private dispatch(event: Event): void {
    this.all.update((list) => reduce(list, event));
    for (const upload of startable(this.all(), MOST_AT_ONCE)) this.start(upload);
    this.forget();
  }

  /** Frees what belongs to uploads that are done with. */
  private forget(): void {
    const list = this.all();
    const kept = new Map(list.map((one) => [one.key, one]));
    for (const key of this.files.keys()) {
      const stage = kept.get(key)?.stage;
      if (stage && !('imageId' in stage) && stage.at !== 'refused') continue;
      const unused = stage ? undefined : this.tickets.get(key);
      if (unused) void this.giveBack(unused);
      this.files.delete(key);
      this.tickets.delete(key);
      this.cancels.delete(key);
    }
    this.previews.keep(new Set(kept.keys()));
  }

  /** Gives the ticket of a dismissed upload back, unless its bytes had come and only the answer was lost. */
  private async giveBack(ticket: Ticket): Promise<void> {
    const image = await this.images.read(ticket.imageId).catch(() => undefined);
    if (image?.status === 'AWAITING_UPLOAD') this.uploader.discard(ticket);
  }

  private async check(uploads: readonly Upload[]): Promise<void> {
    for (const { key, size } of uploads) {
      const file = this.files.get(key);
      if (!file) continue;
      const found = await look(file, size, this.configuration.values.maxBytes);
      if (found.fits) {
        this.previews.make(key, file);
        this.dispatch({ type: 'accepted', key, contentType: found.contentType });
      } else {
        this.dispatch({ type: 'refused', key, trouble: found.trouble });
      }
    }
  }

  private start({ key, stage, visibility }: Upload): void {
    const file = this.files.get(key);
    if (!file || stage.at !== 'waiting') return;
    const { contentType } = stage;
    const job = { file, contentType, visibility, ticket: this.tickets.get(key) };
    this.all.update((list) => reduce(list, { type: 'started', key }));
    const cancel = this.uploader.start(job, {
      ticketed: (ticket) => {
        this.tickets.set(key, ticket);
        this.previews.name(key, ticket.imageId);
      },
      progressed: (sent) =>
        this.dispatch({ type: 'progressed', key, sent, now: performance.now() }),
      arrived: ({ imageId }) => {
        this.images.expect(imageId);
        this.dispatch({ type: 'arrived', key, imageId });
      },
      held: () => this.dispatch({ type: 'held', key }),
      resumed: () => this.dispatch({ type: 'resumed', key }),
      disconnected: (trouble) =>
        this.dispatch({ type: isFinal(trouble) ? 'refused' : 'disconnected', key, trouble }),
    });
    this.cancels.set(key, cancel);
  }

  private async reprocess(key: number, imageId: string): Promise<void> {
    try {
      await this.images.reprocess(imageId);
      this.dispatch({ type: 'retried', key });
    } catch (error) {
      this.toasts.show({ text: `Not processed again: ${reasonOf(error)}`, tone: 'danger' });
    }
  }

  /** Tells the list what the catalogue says of the images that came from here. */
  private follow(): void {
    const list = this.all();
    for (const { key, stage } of list) {
      if (!('imageId' in stage)) continue;
      const image = this.images.peek(stage.imageId);
      if (image) untracked(() => this.dispatch({ type: 'recordChanged', key, image }));
    }
  }
}

/** Whether the stack refused the kind of file when it was asked for a ticket. */
function isFinal({ code }: Trouble): boolean {
  return code === 'unsupported_content_type';
}

async function look(
  file: File,
  size: number,
  maxBytes: number,
): Promise<ReturnType<typeof inspect>> {
  try {
    const head = await file.slice(0, SNIFFED_BYTES).arrayBuffer();
    return inspect(new Uint8Array(head), size, maxBytes);
  } catch {
    const message = 'the browser cannot read this file';
    return { fits: false, trouble: { code: 'file_unreadable', message } };
  }
}
