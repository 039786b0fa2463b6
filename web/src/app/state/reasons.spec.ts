import { whatToDo } from './reasons';

describe('what to do about a failure', () => {
  it('an empty file is chosen again: nothing says that it is a web page', () => {
    expect(whatToDo('empty_file')).toBe('Choose the file again, then add it again.');
    expect(whatToDo('empty_file')).not.toBe(whatToDo('not_an_image'));
    expect(whatToDo('empty_file')).not.toBe(whatToDo('of no known code'));
  });

  it('an unknown failure is tried again if that may help, else with another file', () => {
    expect(whatToDo('of no known code', true)).toBe('Try again in a moment.');
    expect(whatToDo('of no known code')).toBe('Try another file.');
  });
});
