// The page of one image: compared, described, with its renditions and what was done with it.
import {
  Component,
  ElementRef,
  afterNextRender,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { ApiProblem, reasonOf } from '../backend/api';
import { Caller } from '../backend/caller';
import { Configuration } from '../backend/config';
import type { Image, Rendition } from '../backend/models';
import { Announcer } from '../shared/announcer';
import { Arrival } from '../shared/arrival';
import { Deletions } from '../shared/deletions';
import { plainName } from '../shared/names';
import { PrivateBadge } from '../shared/private-badge';
import { candidates, fillingOf } from '../shared/renditions';
import { momentText } from '../shared/times';
import { Toasts } from '../shared/toasts';
import { isComplete, isFinal } from '../state/catalogue';
import { Images } from '../state/images';
import { CopyButton } from '../shared/copy-button';
import { Compare } from './compare';
import { type Lack, PRIVATE, comparisonOf } from './comparison';
import { FailureCard } from './failure-card';
import { ImageFacts } from './image-facts';
import { OpenPlayground } from './open-playground';
import { type Opening, type PageView, STATUS_TONES, STATUS_WORDS, pageView } from './page-view';
import { PrivacyReceipt, type Readers } from './privacy-receipt';
import { PrivateAddress } from './private-address';
import { RenditionPicker } from './rendition-picker';
import { RenditionTable } from './rendition-table';
import { SnippetTabs } from './snippet-tabs';
import { snippetsOf } from './snippets';
import { StageBars } from './stage-bars';
import { VisibilityButton } from './visibility-button';

const FRESH_MS = 60_000; // what every link to an original outlives

@Component({
  selector: 'tt-image-page',
  imports: [
    Compare,
    CopyButton,
    FailureCard,
    ImageFacts,
    OpenPlayground,
    PrivacyReceipt,
    PrivateAddress,
    PrivateBadge,
    RenditionPicker,
    RenditionTable,
    RouterLink,
    SnippetTabs,
    StageBars,
    VisibilityButton,
  ],
  templateUrl: './image-page.component.html',
  host: { class: 'image-page' },
})
export class ImagePage {
  private readonly images = inject(Images);
  private readonly toasts = inject(Toasts);
  private readonly router = inject(Router);
  private readonly deletions = inject(Deletions);
  private readonly caller = inject(Caller);
  private readonly config = inject(Configuration).values;
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');

  /** From the address. */
  readonly id = input.required<string>();

  private readonly opening = linkedSignal<string, Opening>({
    source: this.id,
    computation: () => ({ state: 'reading' }),
  });
  private readonly image = computed(() => this.images.byId(this.id())());
  protected readonly view = computed<PageView>(() => pageView(this.opening(), this.image()));

  /** Whether the stack gives out links to originals. */
  protected readonly readable = computed(
    () =>
      (this.config.accessMode !== 'open' || this.config.originalsReadable) &&
      this.caller.may('read'),
  );
  /** Who can have the original. */
  protected readonly original = computed<Readers>(() => {
    if (!this.readable()) return 'none';
    return this.config.accessMode === 'open' ? 'all' : 'owner';
  });
  /** Deleting and processing again come together. */
  protected readonly mayChange = computed(() => this.caller.may('delete'));
  /** Where everybody may come in, there is nobody to keep it from. */
  protected readonly mayHide = computed(
    () => this.config.accessMode !== 'open' && this.mayChange(),
  );
  /** The link to the original; null until it is there. A newer one has the browser fetch it again. */
  protected readonly link = linkedSignal<string, string | null>({
    source: this.id,
    computation: () => null,
  });
  private linked = 0; // when it was asked for
  private readonly renewed = linkedSignal<string, boolean>({
    source: this.id,
    computation: () => false,
  });
  private readonly unlinked = linkedSignal<string, boolean>({
    source: this.id,
    computation: () => false,
  });
  /** The image whose link is to be asked for: what was not uploaded yet has none. */
  private readonly linkless = computed<string | null>(() => {
    const status = this.image()?.status;
    const there = status && status !== 'AWAITING_UPLOAD' && this.opening().state === 'found';
    const due = this.readable() && there && !this.link() && !this.unlinked();
    return due ? this.id() : null;
  });
  private readonly unshown = linkedSignal<string, boolean>({
    source: this.id,
    computation: () => false,
  });

  private readonly lack = computed<Lack | null>(() => {
    if (this.unshown()) return 'unshown';
    return this.opening().state === 'failed' || this.unlinked() ? 'unlinked' : null;
  });

  /** How many fill the window across: a phone need not fetch what a large screen shows. */
  private readonly pixels = window.innerWidth * window.devicePixelRatio;
  private readonly choice = signal<Pick<Rendition, 'preset' | 'format'> | null>(null);
  protected readonly chosen = computed(() => chosenOf(this.image(), this.choice(), this.pixels));
  protected readonly comparison = computed(() => {
    const image = this.image();
    return image
      ? comparisonOf(image, this.chosen(), this.readable() ? this.link() : PRIVATE, this.lack())
      : ({ kind: 'nothing' } as const);
  });

  protected readonly snippets = computed(() => {
    const image = this.image();
    const { apiUrl, delivery } = this.config;
    const api = new URL(apiUrl, location.href).href.replace(/\/$/, '');
    return image ? snippetsOf(image, api, delivery) : [];
  });
  /** Whether any size can be asked for; a stack from before there was that does not say how. */
  protected readonly playable = this.config.delivery !== null;

  /** The version of which a new one was asked for. */
  private readonly requestedVersion = linkedSignal<string, number | null>({
    source: this.id,
    computation: () => null,
  });
  protected readonly busy = computed(() => {
    const image = this.image();
    return image?.status === 'PROCESSING' || (!!image && this.requestedVersion() === image.version);
  });
  /** A text of its own: said with all news, the same one would keep others from being said. */
  private readonly spoken = computed(() => {
    const image = this.image();
    return image ? `${plainName(image.filename)}: ${STATUS_WORDS[image.status]}` : '';
  });
  protected readonly isFinal = isFinal;
  protected readonly isComplete = isComplete;
  protected readonly statusWords = STATUS_WORDS;
  protected readonly tones = STATUS_TONES;
  protected readonly moment = momentText;

  constructor() {
    const arrival = inject(Arrival);
    const announcer = inject(Announcer);
    const arriving = arrival.fromAnotherPage();
    effect(() => void this.open(this.id()));
    effect(() => {
      const id = this.linkless();
      if (id) untracked(() => void this.fetchLink(id));
    });
    effect(() => arrival.entitle(titleOf(this.view())));
    effect(() => {
      const text = this.spoken();
      if (text) announcer.announce(text);
    });
    if (arriving) {
      afterNextRender(() => this.heading()?.nativeElement.focus({ preventScroll: true }));
    }
  }

  protected choose(rendition: Rendition | undefined): void {
    this.choice.set(rendition ?? null);
  }

  /** The link may be too old: another one is asked for, but no second one at once. */
  protected onOriginalFailed(): void {
    const fresh = Date.now() - this.linked < FRESH_MS;
    if (!this.readable() || (this.renewed() && fresh)) return this.unshown.set(true);
    this.renewed.set(true);
    this.link.set(null);
  }

  /** Asks for the link to the original once more; the button that was pressed goes meanwhile. */
  protected async fetchAgain(): Promise<void> {
    this.heading()?.nativeElement.focus({ preventScroll: true });
    this.opening.set({ state: 'reading' });
    this.unlinked.set(false);
    await this.open(this.id());
  }

  protected async reprocess(image: Image): Promise<void> {
    this.requestedVersion.set(image.version);
    try {
      if (await this.images.reprocess(image.id)) return;
      if (image.id === this.id()) this.requestedVersion.set(null);
      this.toasts.show({ text: 'Nothing to do: the renditions are current.' });
    } catch (error) {
      if (image.id === this.id()) this.requestedVersion.set(null);
      this.toasts.show({ text: `Not processed again: ${reasonOf(error)}`, tone: 'danger' });
    }
  }

  protected delete(image: Image): void {
    this.deletions.delete(image);
    void this.router.navigateByUrl('/');
  }

  protected async open(id: string): Promise<void> {
    try {
      const found = await this.images.open(id);
      if (id === untracked(this.id)) this.opening.set({ state: found });
    } catch (error) {
      const problem = error instanceof ApiProblem ? error : new ApiProblem('unknown', '', 0);
      if (id === untracked(this.id)) this.opening.set({ state: 'failed', problem });
    }
  }

  private async fetchLink(id: string): Promise<void> {
    try {
      const link = await this.images.originalLink(id);
      if (id !== untracked(this.id)) return;
      this.linked = Date.now();
      this.link.set(link);
    } catch {
      if (id === untracked(this.id)) this.unlinked.set(true);
    }
  }
}

function chosenOf(
  image: Image | undefined,
  choice: Pick<Rendition, 'preset' | 'format'> | null,
  pixels: number,
): Rendition | undefined {
  if (!image) return undefined;
  const same = image.renditions.find(
    (one) => one.preset === choice?.preset && one.format === choice.format,
  );
  return same ?? fillingOf(candidates(image), pixels) ?? image.renditions[0];
}

function titleOf(view: PageView): string {
  return view.kind === 'image' ? view.image.filename : 'Image';
}
