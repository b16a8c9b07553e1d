"""The peer: a title and one Plotly chart of 28 bars, no data behind it."""

import plotly.graph_objects as go
import streamlit as st

st.set_page_config(page_title="Empty", layout="wide")
st.title("Empty")
st.plotly_chart(go.Figure(go.Bar(x=list(range(28)), y=[1 + day % 7 for day in range(28)])))
