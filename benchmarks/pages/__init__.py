"""The benchmark `pages`: how soon the dashboard's pages show a first chart, beside an empty Streamlit page with one."""
