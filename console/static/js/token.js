// The CSRF token of every form on the page; a new sign-in in another window brings a new one with the next refresh.
export function token() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

export function renew(fresh) {
  const brought = fresh.querySelector('input[name="csrf_token"]');
  if (!brought || brought.value === token()) return;
  document.querySelector('meta[name="csrf-token"]').content = brought.value;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = brought.value;
}
