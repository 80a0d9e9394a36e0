"""A country's name in English; its code alone where we know none."""

from tamizdat.board import CONTROL

NAMES = {
    line[:2]: line[3:]
    for line in """\
AE United Arab Emirates
AF Afghanistan
AO Angola
AZ Azerbaijan
BD Bangladesh
BH Bahrain
BI Burundi
BN Brunei
BY Belarus
CG Congo
CN China
CM Cameroon
CU Cuba
DE Germany
DJ Djibouti
DZ Algeria
EG Egypt
ER Eritrea
ET Ethiopia
FR France
GB Britain
GE Georgia
GQ Equatorial Guinea
HK Hong Kong
HN Honduras
ID Indonesia
IN India
IQ Iraq
IR Iran
JO Jordan
KG Kyrgyzstan
KH Cambodia
KP North Korea
KW Kuwait
KZ Kazakhstan
LA Laos
LB Lebanon
LY Libya
MA Morocco
ML Mali
MM Myanmar
MO Macao
MY Malaysia
NE Niger
NI Nicaragua
NL Netherlands
OM Oman
PH Philippines
PK Pakistan
PS Palestine
QA Qatar
RS Serbia
RU Russia
RW Rwanda
SA Saudi Arabia
SD Sudan
SE Sweden
SO Somalia
SS South Sudan
SV El Salvador
SY Syria
SZ Eswatini
TD Chad
TH Thailand
TJ Tajikistan
TM Turkmenistan
TR Turkey
TZ Tanzania
UA Ukraine
UG Uganda
US United States
UZ Uzbekistan
VE Venezuela
VN Vietnam
YE Yemen
ZW Zimbabwe
""".splitlines()
}


def name_of(country: str) -> str:
    """`Iran`; the code itself where no name is known."""
    if country == CONTROL:
        return "Control"
    if country == "ZZ":
        return "everywhere"
    return NAMES.get(country, country)


def place_of(country: str) -> str:
    """The same with its preposition, to stand behind a mirror's name: `in Iran`."""
    if country == CONTROL:
        return "from the control"
    return "everywhere" if country == "ZZ" else f"in {name_of(country)}"
