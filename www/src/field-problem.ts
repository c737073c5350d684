/** What is wrong with a field, said beside it and tied to it. */
export class FieldProblem {
  readonly #field: HTMLElement;
  readonly #text: HTMLElement;

  constructor(field: HTMLElement, text: HTMLElement) {
    this.#field = field;
    this.#text = text;
    field.addEventListener("input", () => this.#set(""));
  }

  /** Shows it and takes the person there; "" takes it back. */
  show(problem: string): false {
    this.#set(problem);
    if (problem !== "") this.#field.focus();
    return false;
  }

  #set(problem: string): void {
    this.#text.textContent = problem;
    this.#text.hidden = problem === "";
    if (problem === "") {
      this.#field.removeAttribute("aria-invalid");
      this.#field.removeAttribute("aria-describedby");
    } else {
      this.#field.setAttribute("aria-invalid", "true");
      this.#field.setAttribute("aria-describedby", this.#text.id);
    }
  }
}
