// A terminal as far as the dashboard uses one: two screens, absolute positions, erasing, and the modes that must be given back.
export class VirtualScreen {
  /** What stands on the screen that is shown. */
  get lines(): string[] {
    return this.#shown.map((row) => row.join('').trimEnd());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  isAlternate = false;
  isCursorShown = true;
  wraps = true;
  /** Times that the whole screen was erased. */
  erased = 0;
  /** Frames, as the synchronised-output marks count them. */
  frames = 0;
  readonly #main: string[][];
  #alternate: string[][];
  #row = 0;
  #column = 0;
  /** Where the cursor stood on the main screen. */
  #saved: [number, number] = [0, 0];
  #rest = '';

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.#main = this.#empty();
    this.#alternate = this.#empty();
  }

  get #shown(): string[][] {
    return this.isAlternate ? this.#alternate : this.#main;
  }

  #empty(): string[][] {
    return Array.from({ length: this.rows }, () => new Array<string>(this.columns).fill(' '));
  }

  write(text: string): void {
    let input = this.#rest + text;
    this.#rest = '';
    while (input !== '') {
      const sequence = /^\u001b\[([?\d;]*)([A-Za-z])/.exec(input);
      if (sequence) {
        this.#obey(sequence[1]!, sequence[2]!);
        input = input.slice(sequence[0].length);
        continue;
      }
      if (/^\u001b(\[[?\d;]*)?$/.test(input)) {
        this.#rest = input;
        return;
      }
      const [char] = input;
      this.#put(char!);
      input = input.slice(char!.length);
    }
  }

  #put(char: string): void {
    if (char === '\r') this.#column = 0;
    else if (char === '\n') this.#down();
    else if (char >= ' ') {
      if (this.#column >= this.columns) {
        if (this.wraps) {
          this.#column = 0;
          this.#down();
        } else this.#column = this.columns - 1;
      }
      this.#shown[this.#row]![this.#column++] = char;
    }
  }

  #down(): void {
    if (this.#row < this.rows - 1) this.#row++;
    else {
      this.#shown.shift();
      this.#shown.push(new Array<string>(this.columns).fill(' '));
    }
  }

  #obey(argument: string, command: string): void {
    const [first = 0, second = 0] = argument.replace('?', '').split(';').map(Number);
    if (command === 'H') {
      this.#row = Math.min(this.rows, Math.max(1, first)) - 1;
      this.#column = Math.min(this.columns, Math.max(1, second)) - 1;
    } else if (command === 'K') this.#shown[this.#row]!.fill(' ', Math.min(this.#column, this.columns - 1));
    else if (command === 'J') {
      this.erased++;
      for (const row of this.#shown) row.fill(' ');
    } else if (command === 'h' || command === 'l') this.#mode(argument, command === 'h');
  }

  #mode(mode: string, isOn: boolean): void {
    if (mode === '?1049') {
      this.isAlternate = isOn;
      if (isOn) {
        this.#alternate = this.#empty();
        this.#saved = [this.#row, this.#column];
      } else [this.#row, this.#column] = this.#saved;
    } else if (mode === '?25') this.isCursorShown = isOn;
    else if (mode === '?7') this.wraps = isOn;
    else if (mode === '?2026' && isOn) this.frames++;
  }
}
