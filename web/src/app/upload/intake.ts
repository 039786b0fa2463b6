// Files out of what people drop, paste or choose.
import { FORMATS } from '../backend/formats.generated';

/** What a drop or a folder held. */
export interface Found {
  readonly files: readonly File[];
  /** How many more there were, which the browser would not give. */
  readonly unreadable: number;
}

/** The extensions of images, since a folder has other things as well; SVG, which the stack may take. */
const EXTENSIONS: ReadonlySet<string> = new Set<string>([
  ...FORMATS.flatMap(({ extensions }) => [...extensions]),
  'svg',
]);

/** Whether a file is wanted of a folder, by its path in it; what is hidden is somebody else's. */
export function isImageName(path: string): boolean {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return EXTENSIONS.has(extension) && !path.split('/').some(isHidden);
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** Returns the files that were chosen with a folder. */
export function chosenInFolder(files: Iterable<File>): Found {
  const wanted = [...files].filter(({ name, webkitRelativePath: path }) =>
    isImageName(path ? path.slice(path.indexOf('/') + 1) : name),
  );
  return { files: wanted, unreadable: 0 };
}

/** Returns the dropped files, those in folders by their names; the folders are walked through. */
export async function droppedFiles(data: DataTransfer): Promise<Found> {
  // The list is empty once the event is over, so everything is taken before anything is awaited.
  const items = [...data.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: Walk = { files: [], unreadable: 0 };
  for (const { entry, file } of items) {
    if (entry?.isDirectory) await walk(entry, found);
    else if (file) found.files.push(file);
  }
  return found;
}

interface Walk {
  readonly files: File[];
  unreadable: number;
}

/** Adds what an entry holds. One that cannot be read must not cost the others. */
async function walk(entry: FileSystemEntry, found: Walk): Promise<void> {
  try {
    if (isFile(entry) && isImageName(entry.name)) found.files.push(await fileOf(entry));
    if (!isDirectory(entry)) return;
    for (const one of await children(entry)) if (!isHidden(one.name)) await walk(one, found);
  } catch {
    found.unreadable += 1;
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Returns all entries of a folder; a reader gives some hundred at a time. */
async function children(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Returns pasted files; a screenshot, which is always called image.png, by the time of day. */
export function pastedFiles(files: Iterable<File>, now: Date): readonly File[] {
  return [...files].map((file) =>
    file.name === 'image.png' ? new File([file], pastedName(now), { type: file.type }) : file,
  );
}

function pastedName(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
  return `Pasted ${day} ${time}.png`;
}
