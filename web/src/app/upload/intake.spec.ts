import { FORMATS } from '../backend/formats.generated';
import { chosenInFolder, droppedFiles, isImageName, pastedFiles } from './intake';

describe('files', () => {
  it.each(['a.JPG', 'b.heic', 'c.tiff', 'd.webp', 'drawing.svg'])(
    '%s is an image in a folder',
    (name) => expect(isImageName(name)).toBe(true),
  );

  it.each(FORMATS.flatMap(({ extensions }) => [...extensions]))(
    'are taken of a folder if they end in .%s, as the stack accepts them',
    (extension) => expect(isImageName(`trip/IMG_1.${extension.toUpperCase()}`)).toBe(true),
  );

  it.each(['.DS_Store', 'notes.txt', 'movie.mp4', '.hidden.jpg', 'jpg', '.trash/a.jpg'])(
    '%s is none',
    (name) => expect(isImageName(name)).toBe(false),
  );

  it('have a name of their own when they were pasted without one', () => {
    const now = new Date(2026, 10, 21, 9, 5, 7);
    const pasted = pastedFiles([new File(['x'], 'image.png'), new File(['y'], 'cat.gif')], now);

    expect(pasted.map((one) => one.name)).toEqual(['Pasted 2026-11-21 09.05.07.png', 'cat.gif']);
  });
});

/** A folder or a file as a browser tells of what was dropped. */
type Entry = Partial<FileSystemDirectoryEntry & FileSystemFileEntry>;

const file = (name: string): Entry => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (resolve: (file: File) => void) => resolve(new File(['x'], name)),
});
const torn = (name: string): Entry => ({
  ...file(name),
  file: (_: (file: File) => void, reject?: (error: DOMException) => void) =>
    reject?.(new DOMException('gone', 'NotFoundError')),
});
/** Told in parts of two, as browsers tell a hundred at a time. */
const folder = (name: string, ...inside: readonly Entry[]): Entry => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => {
    const left = [...inside];
    const readEntries = (resolve: (entries: FileSystemEntry[]) => void): void =>
      resolve(left.splice(0, 2) as FileSystemEntry[]);
    return { readEntries };
  },
});

function drop(...entries: readonly Entry[]): DataTransfer {
  const items = entries.map((entry) => ({
    kind: 'file',
    webkitGetAsEntry: () => entry,
    // Browsers give a folder as a file as well.
    getAsFile: () => new File(['x'], entry.name ?? ''),
  }));
  return { items: [...items, { kind: 'string' }] } as unknown as DataTransfer;
}

const names = (files: readonly File[]): string[] => files.map((one) => one.name);

describe('what is dropped', () => {
  it('is taken as it is, whatever its name', async () => {
    const { files } = await droppedFiles(drop(file('a.jpg'), file('notes.txt')));

    expect(names(files)).toEqual(['a.jpg', 'notes.txt']);
  });

  it('is walked through where it is a folder, for its images, to the last', async () => {
    const deep = folder('deep', file('4.jpg'), file('5.png'), file('6.webp'));
    const trash = folder('.trash', file('old.jpg'));
    const holiday = folder('holiday', file('1.jpg'), file('notes.txt'), trash, deep, file('7.gif'));

    const { files, unreadable } = await droppedFiles(drop(holiday, file('0.jpg')));

    expect(names(files)).toEqual(['1.jpg', '4.jpg', '5.png', '6.webp', '7.gif', '0.jpg']);
    expect(unreadable).toBe(0);
  });

  it('loses nothing else with what cannot be read', async () => {
    const { files, unreadable } = await droppedFiles(
      drop(folder('card', torn('1.jpg'), file('2.jpg'), torn('3.jpg'))),
    );

    expect(names(files)).toEqual(['2.jpg']);
    expect(unreadable).toBe(2);
  });
});

describe('a chosen folder', () => {
  it('gives its images, though it may be hidden itself', () => {
    const paths = ['.walls/a.jpg', '.walls/.trash/b.jpg', '.walls/deep/c.png', '.walls/notes.txt'];
    const files = paths.map((path) =>
      Object.defineProperty(new File(['x'], path.split('/').at(-1) ?? ''), 'webkitRelativePath', {
        value: path,
      }),
    );

    expect(names(chosenInFolder(files).files)).toEqual(['a.jpg', 'c.png']);
  });
});
