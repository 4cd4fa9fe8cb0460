// The code of the rejection that a command ended in; absent: it was accepted.
export function rejected(outcome: { readonly ok: boolean }): string | undefined {
  return (outcome as { readonly rejection?: { readonly code: string } }).rejection?.code
}
