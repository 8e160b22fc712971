// SPDX-License-Identifier: Apache-2.0
// A crenellated shield with a keyhole: the product's mark.
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="logo">
      <path className="logo-shield" d="M4 4h5v4h4V4h6v4h4V4h5v11c0 6.8-4.9 11.2-12 14C8.9 26.2 4 21.8 4 15z" />
      <path className="logo-key" d="M16 12a3.6 3.6 0 0 1 2 6.6V23h-4v-4.4a3.6 3.6 0 0 1 2-6.6z" />
    </svg>
  );
}
