// Files out of what people drop, paste or choose.

/** Files that a folder may hold and that are images by their names; a folder has other things as well. */
const IMAGE_NAME = /\.(jpe?g|jfif|png|webp|avif|gif|tiff?|hei[cf]|svg|bmp)$/i;

export function isImageName(name: string): boolean {
  return IMAGE_NAME.test(name) && !name.startsWith('.');
}

/** Returns the dropped files, those in folders by their names; the folders are walked through. */
export async function droppedFiles(data: DataTransfer): Promise<readonly File[]> {
  // Both lists are empty once the event is over, so everything is taken before anything is awaited.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const files = [...data.files];
  const folders = entries.filter((entry) => entry?.isDirectory);
  if (folders.length === 0) return files;
  const names = new Set(folders.map((entry) => entry?.name));
  const single = files.filter((file) => !names.has(file.name) || file.size > 0 || file.type);
  const loose = entries.filter((entry) => entry?.isFile).length;
  const inside = await Promise.all(folders.map((entry) => (entry ? walk(entry) : [])));
  return [...(loose > 0 ? single : []), ...inside.flat()];
}

async function walk(entry: FileSystemEntry): Promise<readonly File[]> {
  if (isFile(entry)) {
    if (!isImageName(entry.name)) return [];
    return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  }
  if (!isDirectory(entry)) return [];
  const files: File[] = [];
  for (const one of await children(entry)) files.push(...(await walk(one)));
  return files;
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
