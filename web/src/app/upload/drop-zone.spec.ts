import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { runningStack } from '../state/sample-stack';
import { DropZone } from './drop-zone';

describe('a drag over the page', () => {
  let zone: ComponentFixture<DropZone>;
  let picture: HTMLElement;

  beforeEach(async () => {
    await runningStack();
    zone = TestBed.createComponent(DropZone);
    zone.detectChanges();
    picture = document.body.appendChild(document.createElement('img'));
  });

  afterEach(() => {
    picture.remove();
    vi.unstubAllGlobals();
  });

  const tell = (target: EventTarget, kind: string): void =>
    void target.dispatchEvent(new Event(kind, { bubbles: true }));

  /** Whether the page would take in what is dragged, which a browser calls files. */
  function isTaken(): boolean {
    const over = new Event('dragover', { bubbles: true, cancelable: true });
    document.body.dispatchEvent(Object.assign(over, { dataTransfer: { types: ['Files'] } }));
    return over.defaultPrevented;
  }

  it('is taken in where it comes from elsewhere', () => {
    expect(isTaken()).toBe(true);
  });

  it('is not taken in where one may not upload', async () => {
    zone.destroy();
    TestBed.resetTestingModule();
    await runningStack({ anyone: 'read' });
    zone = TestBed.createComponent(DropZone);
    zone.detectChanges();

    expect(isTaken()).toBe(false);
  });

  it('is not taken in while it is a picture of the page', () => {
    tell(picture, 'dragstart');
    expect(isTaken()).toBe(false);

    tell(picture, 'dragend');
    expect(isTaken()).toBe(true);
  });

  it('is taken in again after a picture that went while it was dragged', () => {
    tell(picture, 'dragstart');
    picture.remove();

    tell(picture, 'dragend');

    expect(isTaken()).toBe(true);
  });

  it('is taken in again once somebody presses anew, also where no end was told', () => {
    tell(picture, 'dragstart');
    picture.remove();

    tell(window, 'pointerdown');

    expect(isTaken()).toBe(true);
  });
});
