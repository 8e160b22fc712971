// SPDX-License-Identifier: Apache-2.0
// Pieces of a filter bar. Each is told its value and tells the new one; the page keeps it in the address.
import { Button, Checkbox, Input, Menu, MenuItemCheckbox, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { ChevronDownRegular, DismissRegular, SearchRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { text } from "@/text";

interface ChoiceProps {
  label: string;
  options: { value: string; label: string }[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

// Any of several values; nothing chosen means all.
export function ChoiceFilter({ label, options, chosen, onChange }: ChoiceProps) {
  const shown = options.filter((option) => chosen.includes(option.value)).map((option) => option.label);
  return (
    <Menu checkedValues={{ choice: chosen }} onCheckedValueChange={(_, data) => onChange(data.checkedItems)}>
      <MenuTrigger disableButtonEnhancement>
        <Button className={chosen.length ? "filter filter-on" : "filter"} icon={<ChevronDownRegular />} iconPosition="after" size="medium">
          <span className="filter-label">{label}:</span> {shown.length === 0 ? text.filter.all : shown.length > 2 ? `${shown[0]} +${shown.length - 1}` : shown.join(", ")}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList className="filter-menu">
          {options.map((option) => (
            <MenuItemCheckbox key={option.value} name="choice" value={option.value} persistOnClick>
              {option.label}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

export function SearchFilter({ value, onChange, label, id }: { value: string; onChange: (value: string) => void; label: string; id?: string }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = window.setTimeout(() => onChange(typed.trim()), 300);
    return () => window.clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <Input
      id={id}
      className="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      contentBefore={<SearchRegular />}
      contentAfter={typed ? <Button appearance="transparent" size="small" icon={<DismissRegular />} aria-label={text.filter.clear} onClick={() => setTyped("")} /> : undefined}
      onChange={(_, data) => setTyped(data.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.querySelector("input")?.blur()}
    />
  );
}

export function CheckFilter({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return <Checkbox label={label} checked={checked} onChange={(_, data) => onChange(data.checked === true)} />;
}
