"""Invented companies and people; their domains are reserved ones, free-mail addresses apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Amelie Anton Bea Bruno Carla Cem Dana David Elif Emil Fatima Felix Greta Hanna Henrik Ida Ilya Jana Jonas Kai "
    "Karim Lara Leon Lucia Marek Maria Mats Mina Nadia Nils Olga Omar Paula Pedro Petra Quentin Rafael Rosa Samira "
    "Simon Sofia Tariq Thea Tom Ulla Viktor Wanda Yara"
)
_LAST = _words(
    "Adler Bauer Berg Braun Conti Costa Dietz Dubois Eklund Engel Fischer Frank Garcia Graf Haas Hansen Huber Ivanov "
    "Jansen Jensen Kaya Keller Klein Kowalski Lang Larsen Lehmann Lopez Maier Marino Meyer Moreau Nagel Novak Olsen "
    "Otto Peters Popov Quist Reiter Richter Rossi Sato Schmidt Schulz Silva Stein Svensson Thoma Ulrich Vogel Wagner "
    "Weber Winter Wolf Yilmaz Zander Ziegler"
)
_BEGIN = _words(
    "Alder Amber Arrow Birch Blue Bright Cedar Clear Copper Delta Ever Falcon Granite Green Harbor High Iron Juniper "
    "Lake Maple Meridian North Oak Pine Quartz River Silver Stone Summit West"
)
_END = _words(
    "bay bridge cast craft dale field flow forge gate grid ground works land line link loop mark mill mind path point "
    "port ridge scale shore span stack tech ware way"
)
_INDUSTRIES = _words("Manufacturing Software Retail Logistics Healthcare Finance Education Energy")
_REGIONS = {
    "dach": ("DE", "AT", "CH"),
    "nordics": ("SE", "DK", "NO", "FI"),
    "uk_ireland": ("GB", "IE"),
    "benelux": ("NL", "BE"),
    "france": ("FR",),
    "southern_europe": ("IT", "ES", "PT"),
    "north_america": ("US", "CA"),
}
_REGION_WEIGHTS = (38, 12, 14, 11, 9, 9, 7)
_SIZES = ((5, 49), (50, 499), (500, 4999), (5000, 40_000))
_SIZE_WEIGHTS = (62, 23, 11, 4)
_JOBS = (
    ("Operations", "Operations manager"),
    ("Operations", "COO"),
    ("IT", "Head of IT"),
    ("IT", "Systems engineer"),
    ("Finance", "CFO"),
    ("Finance", "Controller"),
    ("Procurement", "Buyer"),
    ("Marketing", "Marketing manager"),
    ("Management", "Managing director"),
    ("Research", "Student assistant"),
)
_BANDS = ((10, "1-10"), (50, "11-50"), (200, "51-200"), (500, "201-500"), (1000, "501-1000"), (5000, "1001-5000"))

COMPANIES = len(_BEGIN) * len(_END)
LARGE = 500  # employees from which a lead is worth a cherry-picker's time


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    domain: str
    account_id: str
    employees: int
    industry: str
    region: str
    country: str

    @property
    def band(self) -> str:
        return next((band for limit, band in _BANDS if self.employees <= limit), "5000+")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    department: str
    job_title: str
    phone: str
    company: Company


@lru_cache(maxsize=COMPANIES)
def company(number: int) -> Company:
    """The same for every seed: a company is who it is."""
    rng = Random(f"company/{number}")
    begin, end = _BEGIN[number % len(_BEGIN)], _END[number // len(_BEGIN)]
    region = rng.choices(list(_REGIONS), _REGION_WEIGHTS)[0]
    low, high = rng.choices(_SIZES, _SIZE_WEIGHTS)[0]
    return Company(
        name=f"{begin}{end} {rng.choice(('GmbH', 'AG', 'Ltd', 'AB', 'BV', 'SAS'))}",
        domain=f"{begin}{end}.example".lower(),
        account_id=f"001{number:06d}",
        employees=int(low * (high / low) ** rng.random()),
        industry=rng.choice(_INDUSTRIES),
        region=region,
        country=rng.choice(_REGIONS[region]),
    )


def any_company(rng: Random) -> Company:
    return company(rng.randrange(COMPANIES))


def any_person(rng: Random, employer: Company) -> Person:
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    department, job = rng.choice(_JOBS)
    local = f"{first}.{last}".lower()
    free = rng.random() < 0.12
    return Person(
        name=f"{first} {last}",
        email=f"{local}{rng.randrange(1000)}@gmail.com" if free else f"{local}@{employer.domain}",
        department=department,
        job_title=job,
        phone=f"+49 30 23125 {rng.randrange(1000):03d}",
        company=employer,
    )
