// The record of an image as this page holds it, whether HTTP or GraphQL told it.
import { UNKNOWN } from './graphql.generated';
import type { components } from './http.generated';

type Schemas = components['schemas'];

export type Status = Schemas['Status'];
export type Visibility = Schemas['Visibility'];
export type Source = Schemas['Source'];
export type Camera = Readonly<Schemas['Camera']>;
export type Failure = Readonly<Schemas['Failure']>;
export type Timings = Readonly<Schemas['Timings']>;
export type Reprocessing = Readonly<Schemas['Reprocessing']>;
export type Ticket = Readonly<Schemas['Ticket']>;
export type TicketRequest = Readonly<Omit<Schemas['TicketRequest'], 'sha256' | 'visibility'>> & {
  readonly visibility?: Visibility;
};
export type ContentType = TicketRequest['contentType'];
export type OriginalLink = Readonly<Schemas['OriginalLink']>;
/** An address that is open to whoever has it, until it expires if it does. */
export type SignedAddress = Readonly<Schemas['SignedAddress']>;
export type Problem = Readonly<Schemas['Problem']>;

export type AccessMode = Schemas['AccessMode'];
export type Scope = Schemas['Scope'];
/** Who asks; of an older stack, nobody knows what the owner has, and may have. */
export type Me = Scoped<Omit<Schemas['Identity'], 'access' | 'used' | 'limits'>> & {
  readonly used?: Amount;
  /** 0 is no limit. */
  readonly limits?: Amount;
};

/** Images, and bytes of their originals. */
export interface Amount {
  readonly images: number;
  readonly bytes: number;
}

export type ApiKey = Scoped<Omit<Schemas['ListedKey'], 'lastUsedAt' | 'expiresAt'>> &
  Sparse<Pick<Schemas['ListedKey'], 'lastUsedAt' | 'expiresAt'>>;
/** A key that was just made: only now is its secret known. */
export type NewApiKey = ApiKey & Pick<Schemas['CreatedKey'], 'key'>;
export type ApiKeyRequest = Scoped<Omit<Schemas['KeyRequest'], 'expiresAt'>> & {
  readonly expiresAt?: string;
};

type Scoped<T extends { scopes: Scope[] }> = Readonly<Omit<T, 'scopes'>> & {
  readonly scopes: readonly Scope[];
};

/** What a key, or everybody where access is open, may do; from the least to the most. */
export const SCOPES = ['read', 'upload', 'delete', 'admin'] as const satisfies readonly Scope[];

export type Original = Readonly<Omit<Schemas['Original'], 'key'>>;

export type Rendition = Readonly<
  Omit<Schemas['Rendition'], 'key' | 'url' | 'gainMap' | 'quality'>
> & {
  /** Where this page has it from. What is private is opened by the session's cookie (`PictureCookie`). */
  readonly url: string;
  /** The address that opens what is private for whoever has it, for an hour or two. */
  readonly signed?: string;
};

/** A point of the upright picture, in fractions of its width and height from the top left. */
export type Focus = Readonly<Schemas['Focus']>;

/** What is unknown is null, never missing. */
export type Image = Readonly<
  Omit<
    Schemas['Image'],
    'original' | 'renditions' | 'removed' | 'notes' | 'presetsRevision' | 'expires'
  >
> & {
  readonly original: Original;
  readonly renditions: readonly Rendition[];
  readonly removed: readonly string[];
  readonly notes: readonly string[];
};

export interface Page {
  readonly images: readonly Image[];
  /** Where the next page begins; null on the last one. */
  readonly cursor: string | null;
}

/** Both APIs leave out what they do not know, HTTP by absence and GraphQL by null. */
type Sparse<T> = { readonly [K in keyof T]?: T[K] | null };

/** What an image may not have yet, and a deleted one has no more. */
type Unknown = Pick<
  Omit<Image, 'notes'> & { readonly notes: readonly string[] | null },
  keyof typeof UNKNOWN.Image
>;

export type ImageDocument = Sparse<Omit<Unknown, 'timings'>> &
  Pick<Image, 'id' | 'version' | 'status' | 'filename' | 'source' | 'createdAt' | 'updatedAt'> & {
    readonly original: Sparse<Omit<Original, 'camera'>> & {
      readonly camera?: Sparse<Camera> | null;
    };
    readonly renditions?: readonly (Omit<Rendition, 'url' | 'signed'> & {
      readonly url?: string | null;
    })[];
    readonly removed?: readonly string[];
    readonly visibility?: Image['visibility'];
    readonly timings?: Sparse<Timings> | null;
  };

/** Returns the image that a document of either API tells of, with every gap filled by null. */
export function toImage(document: ImageDocument): Image {
  const { original, renditions, timings, ...rest } = document;
  const visibility = rest.visibility ?? 'public';
  return {
    ...filled<Unknown>(UNKNOWN.Image, {
      ...rest,
      timings: timings ? filled<Timings>(UNKNOWN.Timings, timings) : null,
    }),
    id: rest.id,
    version: rest.version,
    status: rest.status,
    filename: rest.filename,
    source: rest.source,
    visibility,
    original: toOriginal(original),
    renditions: (renditions ?? []).flatMap((one) => toRendition(one, visibility)),
    removed: rest.removed ?? [],
    notes: rest.notes ?? [],
    createdAt: rest.createdAt,
    updatedAt: rest.updatedAt,
  };
}

function toOriginal({ camera, ...rest }: ImageDocument['original']): Original {
  return {
    ...filled<Original>(UNKNOWN.Original, rest),
    camera: camera ? filled<Camera>(UNKNOWN.Camera, camera) : null,
  };
}

function toRendition(
  one: NonNullable<ImageDocument['renditions']>[number],
  visibility: Visibility,
): Rendition[] {
  const { preset, format, contentType, width, height, bytes, url } = one;
  if (!url) return [];
  const facts = { preset, format, contentType, width, height, bytes };
  if (visibility === 'public') return [{ ...facts, url }];
  // The distribution has the page and the renditions, whatever its name; the cookie is for the page's.
  const { pathname, search } = new URL(url, location.origin);
  return [{ ...facts, url: location.origin + pathname, ...(search && { signed: url }) }];
}

/** Returns *empty* with the values that *known* has; names that *empty* lacks are dropped. */
function filled<T extends object>(empty: T, known: Sparse<T>): T {
  const names = Object.keys(empty) as (keyof T)[];
  const pairs = names.map((name) => [name, known[name] ?? empty[name]] as const);
  return Object.fromEntries(pairs) as T;
}
