import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { sampleImage } from '../shared/sample-image';
import { Images } from '../state/images';
import { type Stack, runningStack } from '../state/sample-stack';
import { ImagePage } from './image-page';

const ORIGINAL = 'https://originals.example/beach.jpg';

describe('the page of an image', () => {
  let stack: Stack;
  let page: ComponentFixture<ImagePage>;

  beforeEach(async () => {
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    stack = await runningStack();
    stack.put(sampleImage({ id: '01A' }, { url: ORIGINAL }), sampleImage({ id: '01B' }));
    await TestBed.inject(Images).loadMore();
    page = TestBed.createComponent(ImagePage);
  });

  afterEach(() => vi.unstubAllGlobals());

  async function show(id: string): Promise<void> {
    page.componentRef.setInput('id', id);
    await page.whenStable();
  }

  function button(text: string): HTMLButtonElement | undefined {
    const all = (page.nativeElement as HTMLElement).querySelectorAll('button');
    return [...all].find((one) => one.textContent.trim() === text);
  }

  async function press(text: string): Promise<void> {
    button(text)?.click();
    await page.whenStable();
  }

  it('lets one image be developed again while another one is', async () => {
    await show('01A');
    await press('Develop again');
    expect(button('Developing…')?.disabled).toBe(true);

    await show('01B');

    expect(button('Develop again')?.disabled).toBe(false);
  });

  it('lets an image be developed again where that was refused', async () => {
    stack.unanswered.add('POST /api/images/01A/reprocess');
    await show('01A');

    await press('Develop again');

    expect(button('Develop again')?.disabled).toBe(false);
  });
});
