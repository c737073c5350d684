/**
 * Takes files that are dropped anywhere on the page: missing a small target would make the browser
 * leave the page for the file.
 */
export function dropTarget(target: HTMLElement, onDrop: (data: DataTransfer) => void): void {
  let depth = 0;
  const mark = (): void => void target.classList.toggle("over", depth > 0);
  const carriesFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    mark();
  });
  addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth -= 1;
    mark();
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer || !carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark();
    onDrop(event.dataTransfer);
  });
}
