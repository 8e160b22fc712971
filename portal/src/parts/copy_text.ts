// SPDX-License-Identifier: Apache-2.0
// Puts text on the clipboard. The modern way exists only on https and loopback; elsewhere a selected field does it.
export async function copyText(content: string): Promise<void> {
  try {
    return await navigator.clipboard.writeText(content);
  } catch {
    selectAndCopy(content); // Not there, or not allowed.
  }
}

function selectAndCopy(content: string): void {
  const field = document.createElement("textarea");
  field.value = content;
  field.className = "hidden-text";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
